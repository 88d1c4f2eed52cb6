"""Compile the native engine for ARM and run its contract under an emulator: ``make neon``.

Needs qemu-aarch64 (Debian: qemu-user), and aarch64-linux-gnu-g++ (Debian: g++-aarch64-linux-gnu) or the package
ziglang. The tests run in this machine's Python; only the library is emulated, by ``tools/emulated_library.py``.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "neon" / "jobs_by_pipe"
TESTS = tuple(f"tests/engines/test_native_{name}.py" for name in ("contract", "sequences", "machines"))


def find_cross_compiler() -> str:
    """Find a compiler for ARM: ``CXX``, Debian's, or the one in the package ziglang."""
    if named := os.environ.get("CXX"):
        return named
    if found := shutil.which("aarch64-linux-gnu-g++"):
        return found
    if package := importlib.util.find_spec("ziglang"):
        return shlex.join([str(Path(package.origin or "").with_name("zig")), "c++", "-target", "aarch64-linux-musl"])
    sys.exit("make neon: no compiler for ARM; install g++-aarch64-linux-gnu, or the package ziglang")


def main() -> None:
    """Build the program and run the tests with it."""
    emulator = shutil.which("qemu-aarch64") or sys.exit("make neon: no qemu-aarch64; install qemu-user")
    words = ["--machine", "aarch64", "--check", "native/checks/jobs_by_pipe.cpp", "--out", str(PROGRAM)]
    environment = os.environ | {"CXX": find_cross_compiler()}
    subprocess.run([sys.executable, "native/build_library.py", *words], cwd=ROOT, env=environment, check=True)
    environment = os.environ | {"EMULATED": shlex.join([emulator, str(PROGRAM)])}
    words = ["-q", "-p", "no:cacheprovider", "-p", "tools.emulated_library", "-m", "", *(sys.argv[1:] or TESTS)]
    tests = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=environment, check=False)
    sys.exit(tests.returncode)


if __name__ == "__main__":
    main()
