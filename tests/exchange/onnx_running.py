"""Running exported models in ONNX Runtime, and its outputs beside those of deltarule."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort

from deltarule.exchange import to_onnx
from deltarule.models import Ensemble, Model

ort.set_default_logger_severity(4)  # it would warn about the machine


def start(model: Model | Ensemble) -> Any:
    """Export a model, check the file strictly, and open it in ONNX Runtime."""
    exported = to_onnx(model)
    onnx.checker.check_model(exported, full_check=True)
    return ort.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])


def run(model: Model | Ensemble, x: Any) -> dict[str, np.ndarray]:
    """Compute the outputs of an exported model by name; x is an array, or the columns of a table by name."""
    session = start(model)
    feed = x if isinstance(x, dict) else {"x": np.asarray(x, np.float32)}
    return dict(zip([one.name for one in session.get_outputs()], session.run(None, feed), strict=True))


def check_classes(model: Model | Ensemble, x: np.ndarray, found: dict[str, np.ndarray], rtol: float = 0.0) -> None:
    """Check probabilities within 1e-5, and labels unless the two highest probabilities are closer than that."""
    wanted = model.predict_proba(x)
    np.testing.assert_allclose(found["probabilities"], wanted, atol=1e-5, rtol=rtol)
    names = np.array([model.classes[i] if model.classes else i for i in range(wanted.shape[1])])
    second, first = np.sort(wanted, axis=1)[:, -2:].T
    clear = first - second > 1e-5
    assert found["labels"][clear].tolist() == names[model.predict(x)[clear]].tolist()
