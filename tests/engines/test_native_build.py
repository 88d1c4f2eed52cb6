"""The build of the native engine: which compiler it takes, what it does where one fails, and nothing half done."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="deltarule has no native engine on Windows")

BUILD = Path(__file__).parents[2] / "native" / "build_library.py"


def build(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", BUILD, *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def compiler(tmp_path):
    """Write compilers of a few lines of shell, in folders of their own."""

    def write(text: str, name: str = "c++") -> Path:
        path = tmp_path / "compilers" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return write


# a compiler that notes how it was called, and writes its last argument but one as the output
NOTES = """
echo "$*" >>"$(dirname "$0")/calls"
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo made >"$2"; shift; done
"""


def read_calls(compiler: Path) -> list[list[str]]:
    return [line.split() for line in (compiler.parent / "calls").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("machine", "levels"), [("x86_64", {"v2", "v3", "v4"}), ("aarch64", {"neon"})])
def test_each_source_is_compiled_for_each_level_and_the_library_once(compiler, tmp_path, machine, levels):
    path = compiler(NOTES)
    done = build("--machine", machine, "--out", tmp_path / "lib.so", CXX=str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "lib.so").read_text() == "made\n"
    calls = read_calls(path)
    found = sorted(
        (Path(call[call.index("-c") + 1]).name, *(word for word in call if word.startswith("-DDELTARULE_LEVEL=")))
        for call in calls[:-1]
    )
    sources = {path.name for path in BUILD.parent.glob("*.cpp")} - {"library.cpp"}
    per_level = [(source, f"-DDELTARULE_LEVEL={level}") for source in sources for level in levels]
    assert found == sorted([*per_level, ("library.cpp",)])
    assert len([word for word in calls[-1] if word.endswith(".o")]) == len(found)


def test_zig_gets_its_own_names_and_links_without_the_library_of_cpp(compiler, tmp_path):
    path = compiler(NOTES, "zig")
    assert build("--machine", "x86_64", "--out", tmp_path / "lib.so", CXX=f"{path} c++").returncode == 0
    calls = read_calls(path)
    assert {word for call in calls for word in call if word.startswith("-march=")} == {
        "-march=x86_64_v2", "-march=x86_64_v3", "-march=x86_64_v4",
    }  # fmt: skip
    assert {call[0] for call in calls[:-1]} == {"c++"}
    assert calls[-1][0] == "cc"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo 'kernels.cpp:1: error: no such thing' >&2; exit 1", "failed: kernels.cpp:1: error: no such thing"),
        ("exit 3", "failed: exit status 3"),
        ("kill -9 $$", "failed: exit status -9"),
        # half-way: everything is compiled, and then the linker fails
        ('case "$*" in *"-c "*) ;; *) echo "ld: error: disk full"; exit 1;; esac', "failed: ld: error: disk full"),
    ],
)
def test_a_compiler_that_fails_leaves_a_reason_and_no_library(compiler, tmp_path, text, reason):
    path, folder = compiler(text), tmp_path / "out"
    folder.mkdir()
    (folder / "_native.kernels.so").write_bytes(b"of older sources")
    done = build("--out", folder / "_native.kernels.so", CXX=str(path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"native/build_library.py: the C++ compiler {path} {reason}"
    assert [file.name for file in folder.iterdir()] == ["_native.txt"]
    assert (folder / "_native.txt").read_text(encoding="utf-8") == f"the C++ compiler {path} {reason}\n"
    # and the next one that succeeds removes it
    assert build("--out", folder / "_native.kernels.so", CXX=str(compiler(NOTES))).returncode == 0
    assert [file.name for file in folder.iterdir()] == ["_native.kernels.so"]


def test_a_compiler_that_does_not_exist(tmp_path):
    done = build("--out", tmp_path / "_native.kernels.so", CXX="/no/such/c++")
    assert (done.returncode, done.stdout) == (1, "")
    reason = "the C++ compiler /no/such/c++ does not start: No such file or directory"
    assert done.stderr == f"native/build_library.py: {reason}\n"


def test_the_compilers_are_tried_in_order(compiler, tmp_path):
    named = compiler(NOTES, "own-c++")
    first, second = compiler(NOTES, "g++"), compiler(NOTES, "clang++")
    folder = str(first.parent)
    assert build("--find-compiler", PATH=folder, CXX=f"{named} -m64").stdout == f"{named} -m64\n"
    assert build("--find-compiler", PATH=folder, CXX="").stdout == f"{first}\n"
    first.unlink()
    assert build("--find-compiler", PATH=folder, CXX="").stdout == f"{second}\n"
    second.unlink()
    # the package ziglang, or what says that it is missing too
    package = tmp_path / "packages" / "ziglang"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    done = build("--find-compiler", PATH=folder, CXX="", PYTHONPATH=str(package.parent))
    assert done.stdout == f"{package / 'zig'} c++\n"


def test_no_compiler_at_all(tmp_path):
    code = f"import sys; sys.argv[:] = ['b', '--find-compiler']; sys.path.insert(0, {str(BUILD.parent)!r}); "
    code += "import build_library; build_library.importlib.util.find_spec = lambda name: None; build_library.main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PATH": str(tmp_path), "CXX": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "native/build_library.py: no C++ compiler was found\n")


def test_a_processor_without_kernels(tmp_path):
    code = f"import sys; sys.path.insert(0, {str(BUILD.parent)!r}); import build_library, pathlib, platform; "
    code += f"platform.machine = lambda: 'riscv64'; build_library.build(pathlib.Path({str(tmp_path / 'lib.so')!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith(
        "BuildError: the native engine has no kernels for the processor riscv64"
    )
    assert (tmp_path / "_native.txt").exists()
