"""A broken JAX, and no native engine: auto falls back to NumPy with a reason; engine='jax' is refused with a remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = {
    "ImportError: libcudart.so.12: cannot open": "ImportError('libcudart.so.12: cannot open')",
    "RuntimeError: built using AVX instructions": r"RuntimeError('built using AVX instructions\nand more lines')",
    "AttributeError: module 'numpy' has no attribute 'x'": "AttributeError(\"module 'numpy' has no attribute 'x'\")",
    "OSError: [Errno 8] Exec format error": "OSError(8, 'Exec format error')",
    "KeyError: 'HOME'": "KeyError('HOME')",
    "ModuleNotFoundError: No module named 'jaxlib'": "ModuleNotFoundError(\"No module named 'jaxlib'\")",
    "NotImplementedError": "NotImplementedError()",
}

FIT = """
import numpy as np, deltarule as dr
rng = np.random.default_rng(0)
large = dr.Network.dense([500, 500, 10])
data = dr.Dataset(rng.random((20, 500), np.float32), np.arange(20) % 10, "random")

def long():
    from deltarule.core.descent import Descent
    from deltarule.engines import choose_engine
    return choose_engine(dr.Execution(), [Descent(large, dr.SGD(), None, 20)], large.init(0), 10**7, 10)
"""

WITHOUT_NATIVE = {"DELTARULE_NATIVE": "/gone"}
REASON = "there is no native engine (DELTARULE_NATIVE names /gone, which is no file), and"


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.partition(":")[0])
def broken(request, tmp_path) -> tuple[Path, str]:
    """Create a folder with a package jax that raises, and return it with the line that names the fault."""
    folder = tmp_path / "broken" / "jax"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(f"raise {FAULTS[request.param]}\n")
    return folder.parent, request.param


def run(broken: Path, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(broken), os.environ.get("PYTHONPATH", "")])}
    environment |= {"COLUMNS": "1000", "DELTARULE_DATA": "", **WITHOUT_NATIVE}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=120, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    return said


def test_the_library_falls_back_to_numpy_and_gives_the_reason(broken):
    folder, reason = broken
    program = """
engine, why = long()
print(engine.name, why)
model = dr.fit(dr.Network.dense([500, 10]), data, epochs=1)
print(model.settings["engine"], model.settings["engine_reason"])
for arguments in ({"engine": "jax"}, {"devices": 2}, {"engine": "jax", "devices": 2}):
    try:
        dr.fit(large, data, epochs=1, **arguments)
    except dr.errors.InvalidArgument as error:
        print(error.argument, error.value, error.problem, error.remedy, sep="|")
"""
    lines = run(folder, "-W", "error", "-c", FIT + program).splitlines()
    assert lines[0] == f"numpy numpy: {REASON} jax cannot be imported ({reason})"
    assert lines[1] == f"numpy numpy: {REASON} finishes before JAX would have compiled"
    remedy = "repair it: pip install --force-reinstall jax jaxlib; or use the native or numpy engine on one device"
    found = [line.split("|") for line in lines[2:]]
    assert [(argument, value) for argument, value, _, _ in found] == [("engine", "jax"), *[("devices", "2")] * 2]
    assert all(f"jax cannot be imported ({reason})" in problem for _, _, problem, _ in found)
    assert {said for *_, said in found} == {remedy}


@pytest.fixture
def avx(tmp_path) -> Path:
    """Create one such folder."""
    (tmp_path / "avx" / "jax").mkdir(parents=True)
    (tmp_path / "avx" / "jax" / "__init__.py").write_text("raise RuntimeError('no AVX')\n")
    return tmp_path / "avx"


def test_a_model_that_jax_trained_is_evaluated_by_numpy(avx):
    program = """
from deltarule.models.model import Model
from deltarule.preprocessing import Preprocessing
from deltarule.engines.choice import JAX_START, estimate_numpy_seconds
params = large.init(0)
n = int(4 * JAX_START / estimate_numpy_seconds(large, params, 1))
model = Model(large, params, Preprocessing(data.encoding), settings={"engine": "jax"})
from deltarule.engines import choice
print(type(choice.choose_evaluator("jax", large, params, np.dtype("float32"), n)).__module__)
model.save("jax.safetensors")
print(dr.load("jax.safetensors").accuracy(data) <= 1)
"""
    program = f"import os; os.chdir({str(avx)!r})\n{FIT}{program}"
    assert run(avx, "-W", "error", "-c", program).splitlines() == ["deltarule.engines.numpy_engine", "True"]


@pytest.mark.slow
def test_the_command(avx, tmp_path):
    train = ("-m", "deltarule.cli", "train", "--data", "digits", "--epochs", "1", "--out")
    assert "Run:" in run(avx, *train, str(tmp_path / "small"))
    said = run(avx, *train, str(tmp_path / "run"), "--net", "64-2300-2300-10", "--batch-size", "100")
    assert f"(engine numpy: {REASON} jax cannot be imported (RuntimeError: no AVX))" in said
    said = run(avx, *train, str(tmp_path / "jax"), "--engine", "jax", code=2)
    assert "but jax cannot be imported (RuntimeError: no AVX); repair it: pip" in said
    said = run(avx, *train, str(tmp_path / "two"), "--devices", "2", code=2)
    assert "--devices" in said
    assert "but jax cannot be imported (RuntimeError: no AVX); repair it: pip" in said
    assert f"(numpy: {REASON} finishes before JAX would" in run(avx, "-m", "deltarule.cli", "demo", "--data", "digits")


def test_jax_is_not_imported_if_numpy_is_chosen():
    program = """
import sys
dr.fit(dr.Network.dense([500, 10]), data, epochs=1)
dr.fit(large, data, epochs=1, engine="numpy").accuracy(data)
print("jax" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", FIT + program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_missing_backend_is_reported():
    program = """
print(long()[1])
try:
    dr.fit(large, data, epochs=1, engine="jax")
except dr.errors.InvalidArgument as error:
    print(error.argument, error.value, error.problem, sep="|")
"""
    environment = {**os.environ, **WITHOUT_NATIVE, "JAX_PLATFORMS": "nonesuch"}
    done = subprocess.run(
        [sys.executable, "-c", FIT + program], capture_output=True, text=True, env=environment, check=True
    )
    auto, asked = done.stdout.splitlines()
    assert auto.startswith(
        f"numpy: {REASON} jax finds no device (RuntimeError: Unable to initialize backend 'nonesuch'"
    )
    assert asked.startswith("engine|jax|")
    assert "jax finds no device (RuntimeError: Unable" in asked
