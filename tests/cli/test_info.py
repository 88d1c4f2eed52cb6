"""deltarule info: versions, the machine and the engines, also where JAX or the native engine is missing."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

import deltarule as dr
from deltarule.engines import jax_setup, native_library

from .test_extras import without


def find_engines(ran) -> dict[str, dict[str, object]]:
    return {engine["name"]: engine for engine in ran.json["engines"]}


def test_info_shows_versions_the_machine_and_the_engines(deltarule):
    ran = deltarule("info")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "deltarule", "Python", "NumPy", "machine", "engines", "numpy", "native", "jax",
    ]  # fmt: skip
    assert [line.split()[1] for line in lines[:3]] == [dr.__version__, platform.python_version(), np.__version__]
    found = deltarule("info", "--json").json
    assert [found["deltarule"], found["machine"]] == [dr.__version__, lines[3].removeprefix("machine").strip()]
    assert [engine["name"] for engine in found["engines"]] == ["numpy", "native", "jax"]


def test_each_engine_says_with_what_it_works(deltarule):
    engines = find_engines(deltarule("info", "--json"))
    assert engines["numpy"]["detail"].startswith("BLAS: ")
    assert [engine["works"] for engine in engines.values()] == [True, sys.platform != "win32", None]
    if engines["native"]["works"]:
        assert engines["native"]["detail"] == f"instructions: {native_library.describe_level()}"
    assert engines["jax"]["detail"].startswith("installed, ")


def test_the_full_form_lists_the_devices_of_jax(deltarule):
    jax = find_engines(deltarule("info", "--full", "--json"))["jax"]
    assert jax["works"] is True
    assert "devices: " in jax["detail"]


def test_the_full_form_shows_the_fault_of_jax(deltarule, monkeypatch):
    monkeypatch.setattr(jax_setup, "find_fault", lambda: "jax finds no device (RuntimeError: none)")
    ran = deltarule("info", "--full")
    assert "jax      does not work: jax finds no device (RuntimeError: none); repair it: pip install" in ran.out


def test_info_does_not_import_jax():
    code = "import sys; sys.argv = ['deltarule', 'info']\ntry:\n    from deltarule.cli.__main__ import main; main()\n"
    code += "finally:\n    print('JAX', 'jax' in sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "JAX False"


@pytest.mark.parametrize("words", [["info"], ["info", "--full"]])
def test_info_works_without_jax(words):
    ran = without(["jax", "jaxlib"], *words)
    assert (ran.code, ran.err) == (0, "")
    remedy = "install it: pip install 'deltarule[jax]'; or use the native or numpy engine on one device"
    assert ran.out.endswith(f"  jax      does not work: jax is not installed; {remedy}\n")


def test_info_works_without_the_shared_object(monkeypatch, tmp_path):
    monkeypatch.setenv("DELTARULE_NATIVE", os.fspath(tmp_path / "absent.so"))
    ran = without([], "info")
    assert (ran.code, ran.err) == (0, "")
    fault = f"DELTARULE_NATIVE names {tmp_path / 'absent.so'}, which is no file"
    assert f"  native   does not work: {fault}; correct or unset DELTARULE_NATIVE\n" in ran.out
