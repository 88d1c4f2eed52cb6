"""A Python shell, and a way to run scripts, in which the book's modules have their bare names."""

from __future__ import annotations

import code
import runpy
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from deltarule.book import importer, python2
from deltarule.book.importer import importable
from deltarule.errors import DeltaruleError

PROGRAMS = ("expand_mnist", "mnist_average_darkness", "mnist_svm")
"""Those of the book's modules that do something when they are run."""

BANNER = """\
Type what the book prints (in Python 3, where print is a function and xrange is range), such as

    import mnist_loader, network
    training_data, validation_data, test_data = mnist_loader.load_data_wrapper()
    net = network.Network([784, 30, 10])
    net.SGD(training_data, 30, 10, 3.0, test_data=test_data)

Ctrl-D ends it."""


class Shell(code.InteractiveConsole):
    """Python's own shell, whose errors come with a hint where Python 2 was meant, and deltarule's in one line."""

    def showtraceback(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, DeltaruleError) or python2.is_bygone(error):
            self.write(f"{type(error).__name__}: {error}\n")
            return
        super().showtraceback()
        if error is not None and (said := python2.hint(error)):
            self.write(f"hint: {said}\n")
        for line in _rewrites_in_module(error):
            self.write(f"{line}\n")


def shell() -> None:
    """Talks until Ctrl-D or ``exit()``; with completion by Tab where the system has readline."""
    with importable(), _as_main("", [""], "") as module:
        with suppress(ImportError):
            import readline
            import rlcompleter

            readline.set_completer(rlcompleter.Completer(module.__dict__).complete)
            readline.parse_and_bind("tab: complete")
        Shell(module.__dict__).interact(banner=BANNER, exitmsg="")


def run(source: bytes, name: str, folder: str, arguments: Sequence[str]) -> int:
    """Runs a script's text as Python would, and returns its exit code.

    ``name`` is how it is called in errors, ``folder`` where its own modules are looked for first. An error of
    the script is shown as Python shows it, without deltarule's own part, and with a hint where
    Python 2 was meant; one of deltarule's in one line, with where in the script it came about.
    """
    with importable(), _as_main(name, [name, *arguments], folder) as module:
        try:
            program = compile(source, name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            _show(error, None)
            _say(_rewrites(source, name))
            return 1
        return _executed(program, module, name)


def run_own(name: str) -> None:
    """Runs one of :data:`PROGRAMS`, as ``python mnist_svm.py`` does."""
    runpy.run_module(f"deltarule.book.{name}", run_name="__main__")


def _executed(program: CodeType, module: ModuleType, name: str) -> int:
    try:
        exec(program, module.__dict__)
    except SystemExit as error:
        return _exit_code(error)
    except DeltaruleError as error:
        where = [line for file, line in _places(error.__traceback__) if file == name]
        print(f"{name}, line {where[-1]}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except BaseException as error:
        _show(error, error.__traceback__.tb_next if error.__traceback__ else None)  # what comes before is ours
        if said := python2.hint(error):
            _say([f"hint: {said}"])
        _say(_rewrites_in_module(error))
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _places(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    return ((frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace))


def _show(error: BaseException, trace: TracebackType | None) -> None:
    sys.stdout.flush()
    shown = traceback.TracebackException(type(error), error, trace)
    if python2.is_bygone(error):  # raised while importing, deep inside
        shown.stack = traceback.StackSummary.from_list(
            [
                frame
                for frame in shown.stack
                if frame.filename != importer.__file__ and "importlib" not in frame.filename
            ]
        )
    print("".join(shown.format()), end="", file=sys.stderr)


def _rewrites(source: bytes, name: str) -> list[str]:
    """List the lines of Python 2 in a source, each with what to write."""
    statements = python2.rewritten(source.decode("utf-8-sig", errors="replace"))
    return [f"{name}, line {statement.line} is Python 2; write  {statement.text}" for statement in statements]


def _rewrites_in_module(error: BaseException | None) -> list[str]:
    """List the rewrites that an imported module needs which could not be parsed; none for other errors."""
    if not isinstance(error, SyntaxError) or not error.filename:
        return []
    try:
        lines = _rewrites(Path(error.filename).read_bytes(), error.filename)
    except OSError:
        return []
    module = Path(error.filename).stem
    if lines and module in importer.MODULES:
        lines.append(f"this {module}.py is not the book's, so it stays in use; rename it to use deltarule's {module}")
    return lines


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _exit_code(error: SystemExit) -> int:
    """As Python has it: nothing is 0, a number is itself, and anything else is said and is 1."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


@contextmanager
def _as_main(name: str, argv: list[str], folder: str) -> Iterator[ModuleType]:
    """A new module ``__main__``, and the rest of what a script finds as Python would have it."""
    module = ModuleType("__main__")
    if name:
        module.__file__ = name
    before: tuple[Any, ...] = sys.argv, sys.path[:], sys.modules["__main__"]
    sys.argv, sys.modules["__main__"] = argv, module
    sys.path.insert(0, folder)
    try:
        yield module
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before
