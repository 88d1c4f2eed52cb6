"""Measure exported recipes: the time of the export with the strict check, and the largest difference of probabilities.

python -m tools.onnx_times
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort

from deltarule.data.encodings import OneHot
from deltarule.exchange import to_onnx
from deltarule.models import Model
from deltarule.preprocessing import Preprocessing, Scaling
from deltarule.recipes import RECIPES


def measure(name: str, pictures: np.ndarray) -> tuple[float, float]:
    """Export a recipe with its initial weights; return the seconds, and the largest difference on the pictures."""
    network = RECIPES[name].network((28, 28), 10)
    params = [{key: leaf.astype(np.float32) for key, leaf in layer.items()} for layer in network.init(seed=1)]
    model = Model(network, params, Preprocessing(OneHot(10), Scaling(255.0, 0.13), example_shape=(28, 28)))
    start = time.process_time()
    exported = to_onnx(model)
    onnx.checker.check_model(exported, full_check=True)
    seconds = time.process_time() - start
    session = ort.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    _, found = session.run(None, {"x": pictures.astype(np.float32)})
    exact = replace(model, params=[{key: leaf.astype(np.float64) for key, leaf in one.items()} for one in params])
    return seconds, float(np.abs(found - exact.predict_proba(pictures)).max())


def main() -> None:
    """Print a row for each recipe."""
    ort.set_default_logger_severity(4)
    pictures = np.random.default_rng(1).integers(0, 256, (1000, 28, 28)).astype(np.uint8)
    for name in RECIPES:
        seconds, difference = measure(name, pictures)
        print(f"{name:13} {1000 * seconds:4.0f} ms  {difference:.1e}")


if __name__ == "__main__":
    main()
