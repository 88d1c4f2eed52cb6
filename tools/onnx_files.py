"""Write the ONNX files of PyTorch, Keras and skl2onnx that the tests read, with inputs and outputs of the libraries.

    KERAS_BACKEND=torch python -m tools.onnx_files

It needs the extra ``peers``. The files are small, and have no metadata: PyTorch writes source paths into it. Each array
file holds ``x``, the input as the library takes it, and ``y``, the outputs that the library itself computes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx

FOLDER = Path(__file__).parent.parent / "tests" / "exchange" / "onnx_files"
Case = tuple[Any, np.ndarray, np.ndarray]
"""An exported model, an input, and the outputs of the library."""


def strip(model: Any) -> Any:
    """Remove names of files and calls, which exporters write beside the nodes."""
    del model.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    for part in (model.graph, *model.graph.node, *model.graph.initializer, *model.graph.value_info):
        if part.DESCRIPTOR.fields_by_name.get("metadata_props"):
            del part.metadata_props[:]
        part.doc_string = ""
    for value in (*model.graph.input, *model.graph.output):
        value.doc_string = ""
        del value.metadata_props[:]
    del model.graph.value_info[:]
    return model


def export_torch(net: Any, shape: tuple[int, ...], dynamo: bool) -> Case:
    """Export a PyTorch module by one of its two exporters, with its outputs for random inputs."""
    import torch

    torch.manual_seed(0)
    for parameter in net.buffers():  # running means and variances that are not 0 and 1
        if parameter.is_floating_point():
            parameter.copy_(torch.rand_like(parameter) + 0.5)
    net.eval()
    x = torch.randn(shape)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        path = str(Path(folder, "model.onnx"))
        if dynamo:
            sizes = ({0: torch.export.Dim("n")},)
            torch.onnx.export(net, (x,), path, dynamo=True, dynamic_shapes=sizes, external_data=False, verbose=False)
        else:
            torch.onnx.export(net, (x,), path, dynamo=False, dynamic_axes={"x": {0: "n"}}, input_names=["x"])
        return onnx.load(path), x.numpy(), net(x).numpy()


def build_torch_dense() -> Any:
    """Build a dense network of PyTorch, with a weight that is a transposed view."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    net = nn.Sequential(
        *(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Dropout(0.3)),
        *(nn.Linear(5, 6, bias=False), nn.ELU(0.7), nn.Linear(6, 3), nn.Softmax(dim=1)),
    )
    net[0].weight = nn.Parameter(torch.randn(4, 5).T)
    return net


def build_torch_images() -> Any:
    """Build a convolutional network of PyTorch with two channels, whose weights have the channels last in memory."""
    import torch
    from torch import nn

    torch.manual_seed(2)
    net = nn.Sequential(
        *(nn.Conv2d(2, 3, 3, stride=(1, 2)), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(3, 4, (3, 2)), nn.LeakyReLU(0.1), nn.LPPool2d(2, (1, 2))),
        *(
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(8, 5),
            nn.BatchNorm1d(5),
            nn.ELU(0.7),
            nn.Linear(5, 2),
            nn.Sigmoid(),
        ),
    )
    return net.to(memory_format=torch.channels_last)


def build_keras(name: str) -> tuple[Any, np.ndarray]:
    """Build a Keras model and an input for it."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    if name == "dense":
        parts: list[Any] = [layers.Dense(5, activation="tanh"), layers.Dropout(0.2)]
        parts = [layers.Input((4,)), *parts, layers.Dense(3, activation="softmax")]
        return keras.Sequential(parts), rng.normal(size=(6, 4)).astype(np.float32)
    normalized = layers.BatchNormalization()
    model = keras.Sequential(
        [
            *(layers.Input((8, 9, 2)), layers.Rescaling(1 / 255), layers.Conv2D(3, (3, 2)), normalized),
            *(layers.ReLU(), layers.MaxPooling2D(2), layers.Conv2D(2, 2, strides=(1, 2), activation="elu")),
            *(layers.Flatten(), layers.Dense(4, activation="sigmoid"), layers.Dense(1)),
        ]
    )
    normalized.set_weights([rng.uniform(0.5, 1.5, 3) for _ in range(4)])
    return model, rng.integers(0, 256, (6, 8, 9, 2)).astype(np.float32)


def export_keras(name: str) -> Case:
    """Export a Keras model, with its outputs."""
    import keras

    model, x = build_keras(name)
    y = keras.ops.convert_to_numpy(model(x))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "model.onnx"))
        model.export(path, format="onnx", verbose=False)
        return onnx.load(path), x, y


def export_sklearn(name: str) -> Case:
    """Train a model of scikit-learn for a moment and export it, with its probabilities or values."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(4)
    x = rng.normal(3, 2, size=(60, 4)).astype(np.float32)
    classes = np.array(["ant", "bee", "fly"])[(x[:, 0] > 3).astype(int) + (x[:, 1] > 3)]
    settings = {"max_iter": 20, "random_state": 0}
    made: dict[str, tuple[Any, np.ndarray]] = {
        "three": (MLPClassifier((5, 4), activation="tanh", **settings), classes),
        "two": (MLPClassifier((5,), **settings), (x[:, 0] > 3) * 7),
        "several": (MLPClassifier((5,), activation="logistic", **settings), (x[:, :3] > 3).astype(int)),
        "value": (MLPRegressor(hidden_layer_sizes=(5,), **settings), x[:, 0] * 3),
    }
    model, y = made[name.removeprefix("scaled-")]
    whole = make_pipeline(StandardScaler(), model) if name.startswith("scaled-") else model
    whole.fit(x, y)
    found = whole.predict(x)[:, None] if name.endswith("value") else whole.predict_proba(x)
    return to_onnx(whole, x[:1]), x[:6], np.asarray(found[:6], np.float64)


CASES: dict[str, Callable[[], Case]] = {
    "torch-dense": lambda: export_torch(build_torch_dense(), (6, 4), True),
    "torch-dense-script": lambda: export_torch(build_torch_dense(), (6, 4), False),
    "torch-images": lambda: export_torch(build_torch_images(), (6, 2, 10, 13), True),
    "torch-images-script": lambda: export_torch(build_torch_images(), (6, 2, 10, 13), False),
    "keras-dense": lambda: export_keras("dense"),
    "keras-images": lambda: export_keras("images"),
    **{
        f"sklearn-{name}": lambda name=name: export_sklearn(name)
        for name in ("three", "two", "several", "value", "scaled-three", "scaled-two", "scaled-value")
    },
}
"""The functions that export each model, by the name of its file."""


def main() -> None:
    """Write all files, or those that the command names."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or CASES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporters, about their own code
            model, x, y = CASES[name]()
        (FOLDER / f"{name}.onnx").write_bytes(strip(model).SerializeToString(deterministic=True))
        np.savez_compressed(FOLDER / f"{name}.npz", x=x, y=y)
        print(name, (FOLDER / f"{name}.onnx").stat().st_size)


if __name__ == "__main__":
    main()
