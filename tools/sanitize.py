"""Run the native engine's contract under the address and the undefined-behaviour sanitizer: ``make sanitize``.

The library is built with both into build/sanitize/, and DELTARULE_NATIVE names it. A wrong address or undefined
behaviour ends the tests with a report. First a library with such a mistake shows that both are noticed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "native"))
from build_library import FILE_NAME, NATIVE, SANITIZED, build, find_compiler

ROOT = NATIVE.parent
PLACE = ROOT / "build" / "sanitize"
TESTS = tuple(
    f"tests/engines/test_native_{name}.py" for name in ("contract", "rows", "shapes", "machines", "infinity", "bits")
)
RUN_TIMES = ("libasan.so", "libclang_rt.asan-x86_64.so", "libclang_rt.asan.so")

MISTAKES = """
static int four[4];
extern "C" int read_beyond(int i) {
    int *hidden = four;
    __asm__ volatile("" : "+r"(hidden));  // from the compiler, which would know its length
    return hidden[i];
}
extern "C" int overflow(int i) { return i + 0x7fffffff; }
"""
REPORTS = {"read_beyond(4)": "AddressSanitizer: global-buffer-overflow", "overflow(1)": "signed integer overflow"}


def find_run_time(compiler: list[str]) -> Path:
    """Find the library of the address sanitizer, which has to be in the process before Python starts."""
    for name in RUN_TIMES:
        words = [*compiler, f"-print-file-name={name}"]
        path = Path(subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip())
        if path.is_absolute() and path.exists():
            return path
    sys.exit(f"make sanitize: expected g++ or clang++ with sanitizers, got {compiler[0]}; name another: CXX=g++")


def build_environment(run_time: Path) -> dict[str, str]:
    """Build the environment of a Python that looks for mistakes but not for leaks, of which Python itself has many."""
    return os.environ | {
        "LD_PRELOAD": str(run_time),
        "ASAN_OPTIONS": "detect_leaks=0:halt_on_error=1:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        "DELTARULE_NATIVE": str(PLACE / FILE_NAME),
        "DELTARULE_EXAMPLES": os.environ.get("DELTARULE_EXAMPLES", "500"),
    }


def check_detection(compiler: list[str], environment: dict[str, str]) -> None:
    """Check that a mistake of each kind is noticed."""
    source, library = PLACE / "mistakes.cpp", PLACE / "mistakes.so"
    source.write_text(MISTAKES, encoding="utf-8")
    subprocess.run([*compiler, *SANITIZED, "-fPIC", "-shared", str(source), "-o", str(library)], check=True)
    for call, expected in REPORTS.items():
        words = [sys.executable, "-c", f"import ctypes; ctypes.CDLL({str(library)!r}).{call}"]
        report = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if report.returncode == 0 or expected not in report.stderr:
            sys.exit(f"make sanitize: expected a report of {call}, got {report.stderr or 'none'}")


def main() -> None:
    """Build the library, check that mistakes are noticed, and run the tests."""
    compiler = find_compiler()
    environment = build_environment(find_run_time(compiler))
    build(PLACE / FILE_NAME, is_sanitized=True)
    check_detection(compiler, environment)
    print("make sanitize: mistakes are noticed; running the contract", flush=True)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "", *(sys.argv[1:] or TESTS)]
    sys.exit(subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
