"""The contenders: each with its name, the function that trains a task, and how it is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from benchmarks.contenders.task import Outcome, Task


@dataclass(frozen=True)
class Contender:
    """A contender; ``function`` is ``module:name`` in this folder, imported only in the process that runs it.

    Without a ``function`` it is this project at an earlier commit, which has its own adapter.

    ``packages`` are the distributions whose versions are recorded; ``how`` goes into the report.
    Contenders of one ``group`` are forms of the same library, of which the fastest counts.
    """

    name: str
    label: str
    function: str
    packages: tuple[str, ...]
    how: str
    group: str = ""

    def train(self, task: Task) -> Outcome:
        module, name = self.function.split(":")
        function: Callable[[Task], Outcome] = getattr(import_module(f"benchmarks.contenders.{module}"), name)
        return function(task)


OWN = "deltarule-native"
"""The contender that the others are compared with."""

TODAY = "deltarule-83234c5"
"""The contender that the required ratios refer to."""

CONTENDERS = (
    Contender(
        OWN,
        "deltarule, native engine",
        "own:native",
        ("deltarule", "numpy"),
        '`deltarule.fit(..., engine="native")`, float32; an epoch is what lies between two calls of a callback.',
    ),
    Contender(
        TODAY,
        "deltarule at 83234c5",
        "",
        (),
        "This project at commit 83234c5, before the native engine, in an environment of its own: the same call with "
        'its engine "jax", timed in the same way. It is what the targets call “before”.',
    ),
    Contender(
        "deltarule-jax",
        "deltarule, JAX engine",
        "own:jax",
        ("deltarule", "jax", "jaxlib", "numpy"),
        '`deltarule.fit(..., engine="jax")`, float32; timed in the same way.',
    ),
    Contender(
        "deltarule-numpy",
        "deltarule, NumPy engine",
        "own:numpy",
        ("deltarule", "numpy"),
        '`deltarule.fit(..., engine="numpy")`, float32; timed in the same way.',
    ),
    Contender(
        "pytorch-eager",
        "PyTorch",
        "pytorch:eager",
        ("torch",),
        "`nn.Sequential` and `torch.optim`, float32. The images are gathered in their new order and scaled at once at "
        "the start of each epoch, which took a fifth less time than doing so mini-batch by mini-batch. Adam is the "
        "fused one, and η is set before every step.",
        "pytorch",
    ),
    Contender(
        "pytorch-channels-last",
        "PyTorch, channels last",
        "pytorch:channels_last",
        ("torch",),
        "The same with the network and its images in `torch.channels_last`, which halves the time on some processors.",
        "pytorch",
    ),
    Contender(
        "pytorch-compiled",
        "PyTorch, compiled",
        "pytorch:compiled",
        ("torch",),
        "The same network and cost; `torch.compile` of the whole step, gradients by `torch.func.grad` and the update "
        "in place, images channels last. Compiling the model and the optimizer each on its own took longer than not "
        "compiling.",
        "pytorch",
    ),
    Contender(
        "pytorch-compiled-cpp",
        "PyTorch, compiled, C++ wrapper",
        "pytorch:compiled_to_cpp",
        ("torch",),
        "The same with `torch._inductor.config.cpp_wrapper`, so that no Python runs between the kernels of a step.",
        "pytorch",
    ),
    Contender(
        "plain-jax",
        "plain JAX",
        "plain_jax:train",
        ("jax", "jaxlib"),
        "`jax.jit` of `value_and_grad` and the update, with `lax.conv_general_dilated` and `lax.reduce_window`. Dense "
        "networks run each epoch as one `lax.scan`; convolutional ones step by step, since a convolution inside a scan "
        "took longer. The images stay bytes until a step gathers its own.",
    ),
    Contender(
        "keras",
        "Keras on JAX",
        "keras:on_jax",
        ("keras", "jax", "jaxlib"),
        "`fit` with `jit_compile=True`, called once for each epoch. `steps_per_execution` is 50 for dense networks and "
        "1 for convolution, where more brought nothing. In short trials JAX was the fastest backend (TensorFlow took "
        "longer, PyTorch far longer). Only for convolution at mini-batch 100 TensorFlow took less.",
    ),
    Contender(
        "scikit-learn",
        "scikit-learn, MLPClassifier",
        "scikit:classifier",
        ("scikit-learn", "numpy", "scipy"),
        "`partial_fit` once an epoch, which takes as long as an epoch within `fit`; logistic hidden neurons, sgd, "
        "momentum 0, alpha 0, constant η, shuffled, float32. It takes numbers, not bytes, so the whole set is scaled "
        "inside the time of each epoch. Its outputs are a softmax with the log-loss, not sigmoids with the "
        "cross-entropy, and its first weights are its own.",
    ),
    Contender(
        "book",
        "the book's way",
        "book:loop",
        ("numpy",),
        "For reference: plain NumPy, float64, each example on its own as a column vector, its gradient added up over "
        "the mini-batch.",
    ),
)
