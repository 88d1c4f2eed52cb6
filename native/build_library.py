"""Compile the native engine into one shared object: ``python native/build_library.py``; setup.py and make use it too.

``kernels.cpp`` (and any further ``*.cpp``) is compiled once for each instruction level, ``library.cpp`` once; the
library chooses the level when it is loaded. Nothing here needs more than Python and a C++ compiler.
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
FILE_NAME = "_native.dylib" if sys.platform == "darwin" else "_native.so"
REASON = "_native.txt"  # lies in its place where it could not be built, and says why
IN_PLACE = NATIVE.parent / "src" / "deltarule" / "engines" / FILE_NAME

COMMON = (
    "-std=c++20", "-fPIC", "-ffp-contract=fast", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
    "-fvisibility=hidden", "-fno-math-errno", "-Wall", "-Wextra", "-pthread",
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
        raise BuildError("the native engine is not built on Windows")
    if os.environ.get("CXX", "").strip():
        return shlex.split(os.environ["CXX"])
    for name in ("c++", "g++", "clang++"):
        if found := shutil.which(name):
            return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "c++"]
    raise BuildError("no C++ compiler was found")


def name_machine() -> str:
    """Name the machine as ``LEVELS`` does."""
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def build(
    target: Path = IN_PLACE,
    *,
    compiler: list[str] | None = None,
    machine: str | None = None,
    is_sanitized: bool = False,
) -> Path:
    """Build the library as the file ``target``; where that fails, write the reason beside it, into ``_native.txt``.

    Raises:
        BuildError: no compiler, a machine without kernels, or a compiler that fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    reason = target.parent / REASON
    try:
        compile_all(target, compiler or find_compiler(), machine or name_machine(), SANITIZED if is_sanitized else FAST)
    except BuildError as error:
        target.unlink(missing_ok=True)  # one of older sources
        reason.write_text(f"{error}\n", encoding="utf-8")
        raise
    reason.unlink(missing_ok=True)
    return target


def compile_all(target: Path, compiler: list[str], machine: str, kind: tuple[str, ...]) -> None:
    """Compile the objects in parallel and link them; put the library in its place only when it is complete."""
    if machine not in LEVELS:
        raise BuildError(f"the native engine has no kernels for the processor {machine}")
    once = NATIVE / "library.cpp"
    jobs = [(once, "", ())]
    for source in sorted(NATIVE.glob("*.cpp")):
        if source != once:
            jobs += [(source, level, flags) for level, flags in LEVELS[machine].items()]
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".native-") as place:

        def compile_one(job: tuple[Path, str, tuple[str, ...]]) -> str:
            source, level, flags = job
            made = str(Path(place) / f"{source.stem}-{level or 'once'}.o")
            names = [f"-DDELTARULE_LEVEL={level}"] if level else []
            run([*compiler, *COMMON, *kind, *flags, *names, "-c", str(source), "-o", made])
            return made

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            # the big ones first
            objects = list(threads.map(compile_one, sorted(jobs, key=lambda job: job[0] == once)))
        library = str(Path(place) / target.name)
        shared = ["-dynamiclib"] if sys.platform == "darwin" else ["-shared", "-Wl,--as-needed"]
        run([*compiler, *kind, *shared, *objects, "-o", library, "-lm", "-pthread"])
        os.replace(library, target)


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
    parser.add_argument("--out", type=Path, default=IN_PLACE, help="the shared object to write")
    parser.add_argument("--machine", choices=LEVELS, help="compile for this processor; CXX is then a cross-compiler")
    parser.add_argument("--sanitize", action="store_true", help="with the address and undefined-behaviour sanitizers")
    options = parser.parse_args()
    try:
        build(options.out, machine=options.machine, is_sanitized=options.sanitize)
    except BuildError as error:
        sys.exit(f"native/build_library.py: {error}")


if __name__ == "__main__":
    main()
