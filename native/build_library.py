"""Compile the native engine into one shared object: ``python native/build_library.py``; setup.py and make use it too.

``kernels.cpp`` (and any further ``*.cpp``) is compiled once for each instruction level, ``library.cpp`` once; the
library chooses the level when it is loaded. Nothing here needs more than Python and a C++ compiler. ``CXX`` names the
compiler, ``CXXFLAGS`` more options for it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NATIVE = Path(__file__).resolve().parent
# with a second dot, so that no one takes it for a module of Python
FILE_NAME = "_native.kernels.dylib" if sys.platform == "darwin" else "_native.kernels.so"
REASON = "_native.txt"  # lies in its place where it could not be built, and says why
IN_PLACE = NATIVE.parent / "src" / "deltarule" / "engines" / FILE_NAME

COMMON = (
    "-std=c++20", "-fPIC", "-ffp-contract=fast", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
    "-fvisibility=hidden", "-fno-math-errno", "-Wall", "-Wextra", "-Wno-psabi", "-pthread",
)  # fmt: skip
LEVELS = {
    "x86_64": {
        "v2": ("-march=x86-64-v2",),
        "v3": ("-march=x86-64-v3",),
        "v4": ("-march=x86-64-v4", "-mprefer-vector-width=256"),
    },
    "aarch64": {"neon": ()},
}
FAST = ("-O3", "-g0")
SANITIZED = ("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")


class BuildError(Exception):
    """The library cannot be built; the message is one line and says why."""


def find_compiler() -> list[str]:
    """Find the C++ compiler: ``CXX``, one on the path, or the one in the package ziglang."""
    if sys.platform == "win32":
        raise BuildError("there is no native engine for Windows")
    if os.environ.get("CXX", "").strip():
        return shlex.split(os.environ["CXX"])
    for name in ("c++", "g++", "clang++"):
        if found := shutil.which(name):
            return [found]
    if package := importlib.util.find_spec("ziglang"):
        # the program itself: pip builds with a Python that does not see the package
        return [str(Path(package.origin or "").parent / "zig"), "c++"]
    raise BuildError("no C++ compiler was found")


def is_zig(compiler: list[str]) -> bool:
    """Tell whether a compiler is Zig's, which knows some flags by other names."""
    return any(Path(word).name == "zig" for word in compiler)


def name_machine() -> str:
    """Name the machine as ``LEVELS`` does."""
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def build(target: Path = IN_PLACE, *, machine: str = "", is_sanitized: bool = False, check: Path | None = None) -> None:
    """Build the library as the file ``target``; where that fails, write the reason beside it, into ``_native.txt``.

    Args:
        target: the file to write, once it is complete.
        machine: the processor, if it is not this one; ``CXX`` is then a cross-compiler.
        is_sanitized: detect wrong addresses and undefined behaviour.
        check: a program that calls the library; the target is then this program, without shared objects.

    Raises:
        BuildError: no compiler, a machine without kernels, or a compiler that fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    reason = target.parent / REASON
    try:
        machine = machine or name_machine()
        if machine not in LEVELS:
            raise BuildError(f"the native engine has no kernels for the processor {machine}")
        compile_all(target, find_compiler(), LEVELS[machine], SANITIZED if is_sanitized else FAST, check)
    except BuildError as error:
        target.unlink(missing_ok=True)  # one of older sources
        reason.write_text(f"{error}\n", encoding="utf-8")
        raise
    reason.unlink(missing_ok=True)


def compile_all(
    target: Path, compiler: list[str], levels: dict[str, tuple[str, ...]], kind: tuple[str, ...], check: Path | None
) -> None:
    """Compile the objects in parallel and link them."""
    kernels = [path for path in sorted(NATIVE.glob("*.cpp")) if path.name != "library.cpp"]
    jobs = [(path, level) for path in kernels for level in levels]  # the long ones first
    jobs += [(path, "") for path in (NATIVE / "library.cpp", check) if path]
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".native-") as folder:

        def compile_one(job: tuple[Path, str]) -> str:
            source, level = job
            made = str(Path(folder) / f"{source.stem}-{level}.o")
            flags = [*levels[level], f"-DDELTARULE_LEVEL={level}"] if level else []
            if is_zig(compiler):
                flags = [flag.replace("x86-64-", "x86_64_") for flag in flags]  # its names of processors
            own = shlex.split(os.environ.get("CXXFLAGS", ""))  # last, so that they win
            run([*compiler, *COMMON, *kind, *flags, *own, "-c", str(source), "-o", made])
            return made

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            objects = list(threads.map(compile_one, jobs))
        made = str(Path(folder) / target.name)
        # no C++ library is needed; to link with it, zig would compile it, which takes most of a minute
        linker = ["cc" if word == "c++" and is_zig(compiler) else word for word in compiler]
        run([*linker, *kind, *choose_form(kind, check), *objects, "-o", made, "-lm", "-pthread"])
        os.replace(made, target)


def choose_form(kind: tuple[str, ...], check: Path | None) -> list[str]:
    """Choose the linker's flags for a shared object or for a program."""
    if check:
        return ["-static"]
    if sys.platform == "darwin":
        return ["-dynamiclib"]
    # a sanitizer's functions are in the process already
    return ["-shared", "-Wl,--as-needed", *(["-Wl,--no-undefined"] if kind == FAST else [])]


def run(words: list[str]) -> None:
    """Run a compiler; its output appears where it fails or warns."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(f"the C++ compiler {words[0]} does not start: {error.strerror}") from error
    sys.stderr.write(done.stdout + done.stderr)
    if done.returncode:
        complaints = [line.strip() for line in (done.stdout + done.stderr).splitlines() if "error" in line.lower()]
        reason = complaints[0] if complaints else f"exit status {done.returncode}"
        raise BuildError(f"the C++ compiler {words[0]} failed: {reason}")


def main() -> None:
    """Build the library in place, or as the options say."""
    parser = argparse.ArgumentParser(description="Build the native engine of deltarule.")
    parser.add_argument("--out", type=Path, default=IN_PLACE, help="the file to write")
    parser.add_argument("--machine", choices=LEVELS, default="", help="cross-compile for this processor")
    parser.add_argument("--sanitize", action="store_true", help="with the address and undefined-behaviour sanitizers")
    parser.add_argument("--check", type=Path, help="build this program with the library in it")
    parser.add_argument("--find-compiler", action="store_true", help="only print the compiler; fail if there is none")
    options = parser.parse_args()
    try:
        if options.find_compiler:
            print(shlex.join(find_compiler()))
        else:
            build(options.out, machine=options.machine, is_sanitized=options.sanitize, check=options.check)
    except BuildError as error:
        sys.exit(f"native/build_library.py: {error}")


if __name__ == "__main__":
    main()
