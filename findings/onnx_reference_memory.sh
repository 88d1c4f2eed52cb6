#!/usr/bin/env bash
# Networks with memory in ONNX's reference evaluator: the inputs and attributes of RNN, GRU and LSTM that are not the default.
# Expected: what the operators' definition says, or an error for what is not implemented.
# Observed: sequence_lens, clip and input_forget are ignored, and in GRU and LSTM also activations. An LSTM whose
# activations are Relu gives numbers below 0, and the last state of a short sequence is that of its padding.
# Why it matters: the evaluator is the yardstick of converters: who checks an exported file with it finds right files
# wrong and wrong ones right. ONNX Runtime computes all of them as defined; deltarule tests the networks with memory
# that it writes with ONNX Runtime.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
"$place/venv/bin/python" - <<'PYTHON'
import sys
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

onnxruntime.set_default_logger_severity(4)
print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)
rng = np.random.default_rng(0)
STEPS, EXAMPLES, INPUTS, UNITS = 4, 2, 3, 5
x = rng.normal(size=(STEPS, EXAMPLES, INPUTS)).astype(np.float32)


def compute(operator, x, lengths=None, **attributes):
    """Compute the outputs of all steps and of the last one with both programs."""
    rng = np.random.default_rng(1)
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[operator] * UNITS
    sizes = {"w": (1, gates, INPUTS), "r": (1, gates, UNITS), "b": (1, 2 * gates)}
    inputs = {"x": x} | {name: rng.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    if lengths is not None:
        inputs["lengths"] = np.array(lengths, np.int32)
    kinds = {name: TensorProto.INT32 if name == "lengths" else TensorProto.FLOAT for name in inputs}
    node = helper.make_node(operator, list(inputs), ["y", "last"], hidden_size=UNITS, **attributes)
    starts = [helper.make_tensor_value_info(name, kinds[name], value.shape) for name, value in inputs.items()]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("y", "last")]
    graph = helper.make_graph([node], "g", starts, ends)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, inputs), ReferenceEvaluator(model).run(None, inputs)


is_equal = {}
for operator, others in {"RNN": {}, "GRU": {"activations": ["Sigmoid", "Relu"]},
                         "LSTM": {"activations": ["Sigmoid", "Relu", "Relu"], "input_forget": 1}}.items():
    cases = {"default": {}, "sequence_lens": {"lengths": [4, 2]}, "clip": {"clip": 0.1}}
    for name, options in (cases | {name: {name: value} for name, value in others.items()}).items():
        pairs = list(zip(*compute(operator, x, **options)))
        is_equal[operator, name] = all(np.allclose(a, b, atol=1e-5) for a, b in pairs)
        print(f"{operator:4} {name:13} largest difference {max(np.abs(a - b).max() for a, b in pairs):.2g}")
    runtime, reference = (last[1][0, 1] for last in compute(operator, x, lengths=[4, 2]))
    cut = compute(operator, x[:2])[0][1][0, 1]  # the second example has two steps, the others are padding
    print("     last state of a sequence of 2 steps:", cut[:2], "runtime", runtime[:2], "reference", reference[:2])
    assert np.allclose(runtime, cut, atol=1e-5)
least = [float(y.min()) for y, _ in compute("LSTM", x, activations=["Sigmoid", "Relu", "Relu"])]
print("LSTM of Relu, smallest output: runtime", least[0], "reference", least[1])
sys.exit(is_equal != {key: key[1] == "default" for key in is_equal} or not least[0] >= 0 > least[1])
PYTHON
