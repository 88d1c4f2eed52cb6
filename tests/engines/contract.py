"""The rows of the contract table as steps of an engine; without JAX, so that they run under sanitizers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tests.core.batches import EPOCH_KEY, EXAMPLES, STEP, WEIGHTS, batch_for
from tests.core.table import (
    ACTIVATIONS,
    COSTS,
    LAYERS,
    NETWORKS,
    OPTIMIZERS,
    REGULARIZERS,
    SEQUENCE_NETWORKS,
    WEIGHED,
    Entry,
    network_of,
)

from deltarule.book.network3_layers import PublishedConvPool, PublishedDropout
from deltarule.core.activations import Tanh
from deltarule.core.costs import LogLikelihood
from deltarule.core.descent import Descent
from deltarule.core.network import Network
from deltarule.core.optimizers import SGD, Momentum, Optimizer
from deltarule.core.regularizers import L2, Regularizer
from deltarule.core.trees import leaves
from deltarule.engines import Engine, Epoch, Examples
from deltarule.engines.native_scope import find_obstacle

EPOCH = Epoch(np.tile(np.arange(EXAMPLES, dtype=np.int32), STEP + 2), EXAMPLES, np.ones(STEP + 2), EPOCH_KEY)


@dataclass(frozen=True)
class Row:
    """A network of the table, and how it is trained."""

    network: Network
    optimizer: Optimizer = SGD()
    regularizer: Regularizer | None = None
    is_weighted: bool = False
    steps: int = 1
    has_lengths: bool = False

    @property
    def descent(self) -> Descent:
        return Descent(self.network, self.optimizer, self.regularizer, 50)


PUBLISHED = (  # the layers of the book's third program
    (PublishedDropout(0.25), (3,)),
    (PublishedConvPool(2, 2, 2), (3, 5, 2)),
    (PublishedConvPool(3, (1, 2), (2, 1)), (5, 3, 1)),  # the last row lies in no region
    (PublishedConvPool(2, (2, 1), 1), (3, 2, 2)),
)
RULES = network_of(LAYERS[0], ACTIVATIONS[0], COSTS[0])  # without jumps, from which a second step could lie too near
ROWS = {name: Row(network) for name, network in NETWORKS.items()}
ROWS |= {
    f"{network.cost}, weighted": Row(network, is_weighted=True)
    for network in WEIGHED
    if not find_obstacle(network)  # as there is to the cost of a user's own
}
ROWS |= {
    f"{optimizer}, {regularizer}": Row(RULES, optimizer, regularizer, steps=2)
    for optimizer in OPTIMIZERS
    for regularizer in REGULARIZERS
    if not find_obstacle(RULES, optimizer)
}
ROWS |= {
    f"{name}, {'with lengths' if has_lengths else 'whole'}": Row(
        network, Momentum(0.8), L2(3.0), has_lengths=has_lengths
    )
    for name, network in SEQUENCE_NETWORKS.items()
    for has_lengths in (False, True)
    if not find_obstacle(network)  # as there is to penalties
}
ROWS |= {str(layer): Row(network_of(Entry(layer, shape), Tanh(), LogLikelihood())) for layer, shape in PUBLISHED}


def compute_row(engine: Engine, row: Row) -> np.ndarray:
    """Return all numbers after a row's steps: the parameters, the optimizer's state, and the weighted inputs."""
    batch, program = batch_for(row.network), engine.program(row.descent, "float64")
    lengths = np.asarray([row.network.input_shape[0], 1, 2]) if row.has_lengths else None
    examples = Examples(batch.x, batch.y, 1.0, None, WEIGHTS if row.is_weighted else None, lengths)
    examples = program.place(examples)
    state = {name: program.params(tree) for name, tree in row.optimizer.init(batch.params).items()}
    params, state, finite = program.run(program.params(batch.params), state, examples, EPOCH, STEP, STEP + row.steps)
    assert finite
    z = program.weighted_inputs(params, examples)
    return np.concatenate([np.ravel(leaf) for tree in (params, *state.values(), [{"z": z}]) for leaf in leaves(tree)])
