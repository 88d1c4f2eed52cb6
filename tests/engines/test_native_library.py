"""The shared object of the native engine: it is there, it works, and each fault has its line and its remedy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.engines import native_library
from deltarule.errors import InvalidArgument

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deltarule has no native engine on Windows")

ROOT = Path(__file__).parents[2]
NATIVE = ROOT / "native"


@pytest.fixture
def library(monkeypatch):
    """Look for the shared object anew, before and after the test."""
    monkeypatch.delenv("DELTARULE_NATIVE", raising=False)
    native_library.find_fault.cache_clear()
    yield native_library
    native_library.find_fault.cache_clear()


def check_error(library, fault: str, remedy: str) -> None:
    assert library.find_fault() == fault
    with pytest.raises(InvalidArgument) as raised:
        library.load_library()
    error = raised.value
    assert (error.argument, error.value, error.remedy) == ("engine", "native", remedy)
    assert error.problem == f"expected a working native engine, but {fault}"


def test_the_library_works_here(library):
    assert library.find_fault() == "", "run: make native"
    assert library.describe_level() in ("v2", "v3", "v4", "neon")
    assert library.load_library() is library.load_library()


def test_the_library_needs_no_run_time_of_a_compiler(library):
    content = library.find_path().read_bytes()
    assert [name for name in (b"libstdc++", b"libc++", b"libgcc_s", b"libgomp") if name in content] == []


def test_the_sources_have_the_same_version():
    (version,) = re.findall(r"version = (\d+);", (NATIVE / "library.cpp").read_text(encoding="utf-8"))
    assert int(version) == native_library.VERSION


def test_the_build_has_the_same_file_names():
    code = "import build_library as b; print(b.FILE_NAME, b.REASON, b.IN_PLACE)"
    done = subprocess.run([sys.executable, "-c", code], cwd=NATIVE, capture_output=True, text=True, check=True)
    folder = ROOT / "src" / "deltarule" / "engines"
    assert done.stdout.split() == [
        native_library.FILE_NAME,
        native_library.REASON,
        str(folder / native_library.FILE_NAME),
    ]


REINSTALL = "reinstall deltarule; or use the numpy or jax engine"
COMPILER = f"install a C++ compiler such as g++, then {REINSTALL}"


def test_another_version(library, monkeypatch):
    monkeypatch.setattr(library, "VERSION", 999)
    found = library._open_library(library.find_path()).deltarule_version()
    check_error(library, f"{library.FILE_NAME} is of another version ({found}, expected 999)", REINSTALL)


def test_an_older_processor(library, monkeypatch):
    opened = library._open_library(library.find_path())

    class Older:
        deltarule_version = staticmethod(opened.deltarule_version)
        deltarule_level = staticmethod(lambda: b"")

    monkeypatch.setattr(library, "_open_library", lambda path: Older)
    fault = f"{library.FILE_NAME} has no kernels for this processor, which is older than x86-64-v2"
    check_error(library, fault, "use the numpy or jax engine")


def test_an_absent_file_with_and_without_a_reason(library, monkeypatch, tmp_path):
    monkeypatch.setattr(library, "find_path", lambda: tmp_path / library.FILE_NAME)
    check_error(library, "it was not built: no C++ compiler was found when deltarule was installed", COMPILER)
    library.find_fault.cache_clear()
    (tmp_path / library.REASON).write_text("the C++ compiler c++ failed: exit status 1\n", encoding="utf-8")
    check_error(library, "it was not built: the C++ compiler c++ failed: exit status 1", COMPILER)


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"\x7fELF\x02\x01\x01" + bytes(57), b"garbage" * 1000])
def test_a_damaged_file(library, monkeypatch, tmp_path, content):
    path = tmp_path / library.FILE_NAME
    path.write_bytes(content)
    monkeypatch.setattr(library, "find_path", lambda: path)
    fault = library.find_fault()
    assert fault.startswith(f"{library.FILE_NAME} cannot be opened (")
    assert str(tmp_path) not in fault
    check_error(library, fault, REINSTALL)


def test_a_file_that_was_cut_off(library, monkeypatch, tmp_path):
    whole = native_library.find_path().read_bytes()
    path = tmp_path / "half.so"
    path.write_bytes(whole[: len(whole) // 2])
    monkeypatch.setenv(native_library.PATH, str(path))
    assert native_library.find_fault() == "half.so is incomplete"


def test_the_environment_names_another_file(library, monkeypatch, tmp_path):
    monkeypatch.setenv("DELTARULE_NATIVE", str(library.find_path()))
    assert library.find_fault() == ""
    library.find_fault.cache_clear()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DELTARULE_NATIVE", "absent.so")
    fault = f"DELTARULE_NATIVE names {tmp_path / 'absent.so'}, which is no file"
    check_error(library, fault, "correct or unset DELTARULE_NATIVE")


def test_a_library_of_another_program(library, monkeypatch):
    monkeypatch.setenv("DELTARULE_NATIVE", find_other_library())
    fault = f"{Path(find_other_library()).name} is no library of deltarule"
    check_error(library, fault, "correct or unset DELTARULE_NATIVE")


def find_other_library() -> str:
    import numpy._core._multiarray_umath as module

    return module.__file__
