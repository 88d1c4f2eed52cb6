"""PyTorch, as it is usually written, and with the whole step compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt

import numpy as np
import torch
from torch import nn

from benchmarks.contenders.task import Outcome, Task, seconds_of, timed


def eager(task: Task) -> Outcome:
    network = _network(task)
    optimizer = torch.optim.SGD(network.parameters(), lr=task.job.eta)
    batches = _Batches(task)

    def epoch() -> None:
        for x, y in batches:
            optimizer.zero_grad()
            _cost(network(x), y).backward()
            optimizer.step()

    return Outcome(timed(epoch, task.epochs), 0.0, _prediction(task, network))


def compiled(task: Task) -> Outcome:
    network = _network(task)
    params = {name: leaf.detach() for name, leaf in network.named_parameters()}
    batches = _Batches(task)

    def cost(params: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return _cost(torch.func.functional_call(network, params, (x,)), y)

    @torch.compile
    def step(params: dict[str, torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> None:
        for name, gradient in torch.func.grad(cost)(params, x, y).items():
            params[name].sub_(gradient, alpha=task.job.eta)

    def epoch() -> None:
        for x, y in batches:
            step(params, x, y)

    with torch.no_grad():
        first = {name: leaf.clone() for name, leaf in params.items()}
        compile_seconds = seconds_of(lambda: step(params, *next(iter(batches))))
        for name, leaf in first.items():  # the step that compiled is taken back
            params[name].copy_(leaf)
        return Outcome(timed(epoch, task.epochs), compile_seconds, _prediction(task, network))


class _Batches:
    """The mini-batches of an epoch, in a new order each time."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.x = torch.from_numpy(task.images)
        self.y = nn.functional.one_hot(torch.from_numpy(task.train.y), task.job.sizes[-1]).to(torch.float32)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        order, size = torch.randperm(len(self.x)), self.task.job.batch_size
        x = self.x[order].to(torch.float32).div_(self.task.train.scale)
        return zip(x.split(size), self.y[order].split(size), strict=True)


def _network(task: Task) -> nn.Sequential:
    """Weights from N(0, 1/n_in) and biases from N(0, 1), as deltarule's."""
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    layers: list[nn.Module] = []
    for n_in, n_out in zip(task.job.sizes, task.job.sizes[1:], strict=False):
        dense = nn.Linear(n_in, n_out)
        nn.init.normal_(dense.weight, std=1 / sqrt(n_in))
        nn.init.normal_(dense.bias)
        layers += [dense, nn.Sigmoid()]
    return nn.Sequential(*layers[:-1])  # the last sigmoid is in the cost


_sum = nn.BCEWithLogitsLoss(reduction="sum")


def _cost(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return _sum(z, y) / len(z)


def _prediction(task: Task, network: nn.Module) -> Callable[[np.ndarray], np.ndarray]:
    def predict(images: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return network(torch.from_numpy(images).to(torch.float32) / task.train.scale).argmax(1).numpy()

    return predict
