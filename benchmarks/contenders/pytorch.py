"""PyTorch: in its usual form, with images channels last, and with the whole step compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat, tee
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.contenders.task import Outcome, Task, seconds_of, time_epochs
from deltarule import Adam, Conv, CrossEntropy, Dense, Flatten, LogLikelihood, MaxPool, ReLU, Sigmoid
from deltarule.core.costs import Cost, LabelSmoothing
from deltarule.core.layer import Layer, Params
from deltarule.core.optimizers import SGD, Optimizer

Tensor = torch.Tensor
CostFunction = Callable[[Tensor, Tensor], Tensor]


def eager(task: Task, memory: torch.memory_format = torch.contiguous_format) -> Outcome:
    network = _network(task).to(memory_format=memory)
    cost, optimizer = _cost(task.recipe.cost), _optimizer(task.recipe.training.optimizer, network.parameters())
    batches, etas = _Batches(task, memory), iter(task.etas)

    def epoch() -> None:
        for x, y in batches:
            optimizer.param_groups[0]["lr"] = next(etas)
            optimizer.zero_grad()
            cost(network(x), y).backward()
            optimizer.step()

    _warm_up(network, cost, batches)
    return Outcome(time_epochs(epoch, task), 0.0, _prediction(task, network))


def channels_last(task: Task) -> Outcome:
    return eager(task, torch.channels_last)


def compiled(task: Task) -> Outcome:
    """Compile the whole step: gradients by ``torch.func.grad``, and the update in place."""
    memory = torch.channels_last if len(task.network.input_shape) == 3 else torch.contiguous_format
    network, of_outputs = _network(task).to(memory_format=memory), _cost(task.recipe.cost)
    params = {name: leaf.detach() for name, leaf in network.named_parameters()}
    update, state, etas = _update(task, params)
    batches = _Batches(task, memory)

    def cost(params: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        return of_outputs(torch.func.functional_call(network, params, (x,)), y)

    @partial(torch.compile, dynamic=False)
    def step(params: dict[str, Tensor], x: Tensor, y: Tensor, *eta: Tensor) -> None:
        update(params, torch.func.grad(cost)(params, x, y), *eta)

    def epoch() -> None:
        for x, y in batches:
            step(params, x, y, *next(etas))

    def learn_a_little() -> None:
        """Take two steps with a mini-batch of each size: the last of an epoch may be a shorter one."""
        for x, y in 2 * list({len(x): (x, y) for x, y in batches}.values()):
            step(params, x, y, *next(first_etas))

    etas, first_etas = tee(etas)
    with torch.no_grad():
        first = [leaf.clone() for leaf in (*params.values(), *state)]
        compile_seconds = seconds_of(learn_a_little)
        for leaf, value in zip((*params.values(), *state), first, strict=True):  # these steps are taken back
            leaf.copy_(value)
        return Outcome(time_epochs(epoch, task), compile_seconds, _prediction(task, network))


def compiled_to_cpp(task: Task) -> Outcome:
    """Compile the step, with the code around the kernels in C++ as well."""
    import torch._inductor.config

    with torch._inductor.config.patch(cpp_wrapper=True):
        return compiled(task)


def _update(task: Task, params: dict[str, Tensor]) -> tuple[Callable[..., None], list[Tensor], Iterator[Any]]:
    """Return an update in place of all parameters, the state that it keeps, and its η as arguments of each step."""
    match task.recipe.training.optimizer:
        case SGD():
            eta = task.eta

            def descend(params: dict[str, Tensor], grads: dict[str, Tensor]) -> None:
                for name, gradient in grads.items():
                    params[name].sub_(gradient, alpha=eta)

            return descend, [], repeat(())
        case Adam(beta1=beta1, beta2=beta2, epsilon=epsilon):
            m, s = ({name: torch.zeros_like(leaf) for name, leaf in params.items()} for _ in range(2))
            betas, powers = torch.tensor([beta1, beta2]), torch.ones(2)  # β₁ᵗ and β₂ᵗ

            def update(params: dict[str, Tensor], grads: dict[str, Tensor], eta: Tensor) -> None:
                powers.mul_(betas)
                for name, gradient in grads.items():
                    m[name].lerp_(gradient, 1 - beta1)
                    s[name].mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
                    root = (s[name] / (1 - powers[1])).sqrt() + epsilon
                    params[name].sub_(eta * m[name] / (1 - powers[0]) / root)

            return update, [*m.values(), *s.values(), powers], zip(torch.tensor(task.etas, dtype=torch.float32))
    raise ValueError(f"expected an optimizer with a compiled form, got {task.recipe.training.optimizer}")


class _Batches:
    """The mini-batches of an epoch, in a new order each time."""

    def __init__(self, task: Task, memory: torch.memory_format = torch.contiguous_format) -> None:
        self.scale, self.size, self.memory = task.train.scale, task.recipe.training.batch_size, memory
        self.x = torch.from_numpy(_images(task, task.train.x))
        self.y = torch.from_numpy(task.train.y)
        if isinstance(task.recipe.cost, CrossEntropy):
            self.y = nn.functional.one_hot(self.y, task.network.n_out).to(torch.float32)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.x))
        # for a single channel, contiguous() would leave the strides as they are
        x = self.x[order].to(torch.float32, memory_format=self.memory).div_(self.scale)
        return zip(x.split(self.size), self.y[order].split(self.size), strict=True)


def _warm_up(network: nn.Module, cost: CostFunction, batches: _Batches) -> None:
    """Take a step and discard its gradients, so that one-time preparations are not in the first epoch."""
    x, y = next(iter(batches))
    cost(network(x), y).backward()


def _images(task: Task, images: np.ndarray) -> np.ndarray:
    """Return rows of numbers, or images with their channels first as in PyTorch."""
    images = task.images(images)
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if images.ndim == 4 else images


def _network(task: Task) -> nn.Sequential:
    """Build the layers of the recipe, with deltarule's first weights."""
    torch.set_num_threads(task.threads)
    torch.manual_seed(task.seed)
    shapes = task.network.shapes
    return nn.Sequential(*map(_module, task.network.layers, shapes, task.params))


def _module(layer: Layer, shape: tuple[int, ...], params: Params) -> nn.Module:
    match layer:
        case Dense(n_out=n_out):
            return _with(nn.Linear(shape[0], n_out), params["w"], params["b"])
        case Conv(maps=maps, kernel=int(kernel), stride=1):
            # after Flatten the order of features is another one, which random weights do not notice
            return _with(nn.Conv2d(shape[-1], maps, kernel), params["w"].transpose(0, 3, 1, 2), params["b"])
        case MaxPool(size=int(size), stride=None):
            return nn.MaxPool2d(size)
        case ReLU():
            return nn.ReLU()
        case Sigmoid():
            return nn.Sigmoid()
        case Flatten():
            return nn.Flatten()
    raise ValueError(f"expected a layer with a PyTorch module, got {layer}")


def _with(module: Any, w: np.ndarray, b: np.ndarray) -> nn.Module:
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(np.ascontiguousarray(w)))
        module.bias.copy_(torch.from_numpy(b))
    return module


def _cost(cost: Cost) -> CostFunction:
    match cost:
        case CrossEntropy():
            return _binary_cross_entropy
        case LogLikelihood():
            return nn.functional.cross_entropy
        case LabelSmoothing(cost=LogLikelihood(), epsilon=epsilon):
            return partial(nn.functional.cross_entropy, label_smoothing=epsilon)
    raise ValueError(f"expected a cost with an equivalent in PyTorch, got {cost}")


def _binary_cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    return nn.functional.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(z)


def _optimizer(optimizer: Optimizer, params: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    match optimizer:
        case SGD():
            return torch.optim.SGD(params)
        case Adam(beta1=beta1, beta2=beta2, epsilon=epsilon):
            return torch.optim.Adam(params, betas=(beta1, beta2), eps=epsilon, fused=True)
    raise ValueError(f"expected an optimizer with an equivalent in PyTorch, got {optimizer}")


def _prediction(task: Task, network: nn.Module) -> Callable[[np.ndarray], np.ndarray]:
    def predict(images: np.ndarray) -> np.ndarray:
        x = torch.from_numpy(_images(task, images))
        with torch.no_grad():
            parts = [network(part.to(torch.float32) / task.train.scale).argmax(1) for part in x.split(1000)]
        return torch.cat(parts).numpy()

    return predict
