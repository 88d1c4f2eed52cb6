"""The shared object of the native engine: where it lies, why it may not work, and its first functions.

It is compiled when deltarule is installed, by ``native/build_library.py``, and lies beside this file. It knows nothing
of Python's ABI: ctypes opens it, and lets other Python threads run while one of its functions runs.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from functools import cache
from pathlib import Path
from textwrap import shorten

from deltarule.errors import InvalidArgument

VERSION = 7
"""The version of the functions that deltarule calls; ``native/library.cpp`` has the same number."""

PATH = "DELTARULE_NATIVE"
"""The environment variable with the path of another shared object, such as one built with sanitizers."""

FILE_NAME = "_native.kernels.dylib" if sys.platform == "darwin" else "_native.kernels.so"
REASON = "_native.txt"
"""The name of the file that the installation leaves in place of the shared object, with the reason."""


def find_path() -> Path:
    """Find the path of the shared object, which need not exist.

    >>> find_path().parent.name
    'engines'
    """
    named = os.environ.get(PATH)
    return Path(named).absolute() if named else Path(__file__).with_name(FILE_NAME)


@cache
def find_fault() -> str:
    """Return why the native engine cannot compute here, in one line; empty if it can.

    The first call opens the shared object, which takes less than a millisecond.
    """
    path = find_path()
    if not path.is_file():
        return _explain_absence(path)
    if _is_cut_off(path):
        return f"{path.name} is incomplete"
    try:
        library = _open_library(path)
    except OSError as error:
        # dlopen's message begins with the path
        first = str(error).partition("\n")[0].removeprefix(f"{path}: ") or type(error).__name__
        return f"{path.name} cannot be opened ({shorten(first, 240, placeholder=' …')})"
    except AttributeError:
        return f"{path.name} is no library of deltarule"
    if (found := library.deltarule_version()) != VERSION:
        return f"{path.name} is of another version ({found}, expected {VERSION})"
    if not library.deltarule_level():
        return f"{path.name} has no kernels for this processor, which is older than x86-64-v2"
    return ""


def suggest_remedy() -> str:
    """Return what to do if the native engine does not work."""
    if os.environ.get(PATH):
        return f"correct or unset {PATH}"
    if sys.platform == "win32" or find_fault().endswith("x86-64-v2"):
        return "use the numpy or jax engine"
    compiler = "" if find_path().exists() else "install a C++ compiler such as g++, then "
    return f"{compiler}reinstall deltarule; or use the numpy or jax engine"


def load_library() -> ctypes.CDLL:
    """Return the shared object, opened once. Raises :class:`InvalidArgument` if it does not work here."""
    if fault := find_fault():
        raise InvalidArgument(
            f"expected a working native engine, but {fault}",
            argument="engine",
            value="native",
            remedy=suggest_remedy(),
        )
    return _declare_functions(find_path())


def describe_level() -> str:
    """Describe the level of instructions that the library uses here: "v4", "v3" or "v2" of x86-64, or "neon".

    Raises :class:`InvalidArgument` if the native engine does not work here.
    """
    level: bytes = load_library().deltarule_level()
    return level.decode("ascii")


def describe_compiler() -> str:
    """Describe the compiler that built the library, such as "12.2.0".

    Raises :class:`InvalidArgument` if the native engine does not work here.
    """
    version: bytes = load_library().deltarule_compiler()
    return version.decode("utf-8", "replace")


@cache
def _open_library(path: Path) -> ctypes.CDLL:
    """Open a shared object and declare the functions that every version has, to check it.

    Raises OSError, and AttributeError if it lacks them.
    """
    library = ctypes.CDLL(str(path))
    library.deltarule_version.argtypes, library.deltarule_version.restype = [], ctypes.c_int32
    library.deltarule_level.argtypes, library.deltarule_level.restype = [], ctypes.c_char_p
    return library


@cache
def _declare_functions(path: Path) -> ctypes.CDLL:
    """Declare the functions of this version in a library without fault, and return it."""
    library = _open_library(path)
    library.deltarule_compiler.argtypes, library.deltarule_compiler.restype = [], ctypes.c_char_p
    library.deltarule_run.argtypes, library.deltarule_run.restype = [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_int32
    return library


def _is_cut_off(path: Path) -> bool:
    """Tell whether an ELF file is shorter than its header says; opening it could end the process."""
    with path.open("rb") as file:
        header = file.read(64)
    if not header.startswith(b"\x7fELF\x02\x01") or len(header) < 64:
        return False
    (sections,), (size, count) = struct.unpack_from("<Q", header, 0x28), struct.unpack_from("<2H", header, 0x3A)
    return bool(path.stat().st_size < sections + size * count)


def _explain_absence(path: Path) -> str:
    """Return why there is no shared object: the reason that the installation left, or the usual one."""
    if os.environ.get(PATH):
        return f"{PATH} names {path}, which is no file"
    try:
        text = path.with_name(REASON).read_text(encoding="utf-8")
    except OSError:
        text = "no C++ compiler was found when deltarule was installed"
    return f"it was not built: {shorten(text, 300, placeholder=' …')}"
