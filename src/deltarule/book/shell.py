"""A Python shell, and a function that runs scripts, in which the book's modules have their bare names."""

from __future__ import annotations

import code
import re
import runpy
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from deltarule.book import hints, importer, python2, theano_lines
from deltarule.book.conversion import TOO_DEEP, convert
from deltarule.book.importer import use_bare_names
from deltarule.book.script_text import decode_script
from deltarule.errors import DeltaruleError

PROGRAMS = ("expand_mnist", "mnist_average_darkness", "mnist_svm")
"""The book's modules that are programs."""

BANNER = """\
Type what the book prints (in Python 3, where print is a function and xrange is range), such as

    import mnist_loader, network
    training_data, validation_data, test_data = mnist_loader.load_data_wrapper()
    net = network.Network([784, 30, 10])
    net.SGD(training_data, 30, 10, 3.0, test_data=test_data)

Ctrl-D ends it."""


class Shell(code.InteractiveConsole):
    """Python's shell with hints for Python 2; errors of deltarule are shown in one line."""

    def showtraceback(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, DeltaruleError) or python2.is_missing_module(error):
            self.write(f"{type(error).__name__}: {error}\n")
            return
        super().showtraceback()
        for line in _describe_remedies(error) if error is not None else []:
            self.write(f"{line}\n")


def start_shell() -> None:
    """Run the shell until Ctrl-D or ``exit()``, with completion by Tab if the system has readline."""
    with use_bare_names(), _replace_main("", [""], "") as module:
        with suppress(ImportError):
            import readline
            import rlcompleter

            readline.set_completer(rlcompleter.Completer(module.__dict__).complete)
            readline.parse_and_bind("tab: complete")
        Shell(module.__dict__).interact(banner=BANNER, exitmsg="")


def run_script(source: bytes, name: str, folder: str, arguments: Sequence[str]) -> int:
    """Run a script as Python would, and return its exit code.

    Errors of the script are shown as Python shows them, without deltarule's frames and with a hint for Python 2; an
    error of deltarule is shown in one line with the line of the script.

    Args:
        source: The text of the script.
        name: Its name in errors.
        folder: The first folder in which its imports are searched.
        arguments: Its arguments in ``sys.argv``.
    """
    try:
        text = decode_script(source, name)
    except DeltaruleError:  # compile() below says more
        text = ""
    beside_network3 = theano_lines.imports_module(text, "network3")
    imports = theano_lines.list_imported_names(text, "network3") if beside_network3 else ()
    with use_bare_names(beside_network3, imports), _replace_main(name, [name, *arguments], folder) as module:
        try:
            program = compile(source, name, "exec", dont_inherit=True)
        except (RecursionError, MemoryError):
            print(f"{name}: {TOO_DEEP}", file=sys.stderr)
            return 1
        except (SyntaxError, ValueError) as error:
            _show(error, None)
            _print_lines(_describe_rewrites(source, name))
            return 1
        if beside_network3 and not importer.has_theano():
            _print_lines(_describe_theano_lines(text, name))
        return _execute(program, module, name)


_ENCODING = re.compile(r"\A((?:[^\n]*\n)?[ \t]*#[^\n]*?coding[:=][ \t]*)[-\w.]+")


def convert_script(source: bytes, name: str) -> int:
    """Print a script in Python 3, in UTF-8, and on stderr the lines to look at; return 1 if it is not complete."""
    try:
        text = decode_script(source, name)
    except DeltaruleError as error:
        print(error, file=sys.stderr)
        return 1
    conversion = convert(_ENCODING.sub(r"\1utf-8", text))
    sys.stdout.flush()
    sys.stdout.buffer.write(conversion.text.encode())
    sys.stdout.flush()
    _print_lines(f"{name}, line {note.line}: {note.text}" for note in conversion.notes)
    return 0 if conversion.complete else 1


def run_program(name: str) -> None:
    """Run one of :data:`PROGRAMS`, as ``python mnist_svm.py`` does."""
    runpy.run_module(f"deltarule.book.{name}", run_name="__main__")


def _execute(program: CodeType, module: ModuleType, name: str) -> int:
    try:
        exec(program, module.__dict__)
    except SystemExit as error:
        return _get_exit_code(error)
    except DeltaruleError as error:
        where = [line for file, line in _list_places(error.__traceback__) if file == name]
        print(f"{name}, line {where[-1]}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except BaseException as error:
        _show(error, error.__traceback__.tb_next if error.__traceback__ else None)  # without deltarule's frame
        _print_lines(_describe_remedies(error))
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _list_places(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    return ((frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace))


def _show(error: BaseException, trace: TracebackType | None) -> None:
    sys.stdout.flush()
    report = traceback.TracebackException(type(error), error, trace)
    if python2.is_missing_module(error):  # raised deep inside the import
        report.stack = traceback.StackSummary.from_list(
            [
                frame
                for frame in report.stack
                if frame.filename != importer.__file__ and "importlib" not in frame.filename
            ]
        )
    print("".join(report.format()), end="", file=sys.stderr)


def _describe_rewrites(source: bytes, name: str) -> list[str]:
    """List the lines of Python 2 in a source, each with its translation, and the command that converts all."""
    try:
        conversion = convert(decode_script(source, name))
    except DeltaruleError as error:
        return [str(error)]
    lines = [f"{name}, line {each.line} is Python 2; write  {each.text}" for each in conversion.rewrites]
    if len(lines) > _MOST:
        lines[_MOST:] = [f"{name} has {len(lines) - _MOST} more lines of Python 2"]
    if lines and Path(name).is_file():
        lines.append(f"to convert all of it:  deltarule book --convert {name} > NEW.py")
    return lines


_MOST = 40


def _describe_remedies(error: BaseException) -> list[str]:
    """List what to do about an error: a hint, the lines of Python 2 in a module, or the command that converts all."""
    lines = [f"hint: {hint}"] if (hint := hints.suggest(error)) else []
    if isinstance(error, SyntaxError):
        return lines + _describe_module_rewrites(error)
    if python2.suggest(error) or python2.is_missing_module(error):
        files = [file for file, _ in _list_places(error.__traceback__) if _is_script(file)]
        lines += _describe_rewrites(Path(files[-1]).read_bytes(), files[-1])[-1:] if files else []
    return lines


def _is_script(file: str) -> bool:
    """Return whether a file in a traceback is the reader's, not one of Python or deltarule."""
    return Path(file).is_file() and Path(file).parent != Path(__file__).parent and "importlib" not in file


def _describe_theano_lines(source: str, name: str) -> list[str]:
    """List the lines that need Theano, each with its remedy."""
    lines = theano_lines.find_theano_lines(source)
    return [f"{name}, line {line.line} needs Theano:  {line.text}" for line in lines]


def _describe_module_rewrites(error: SyntaxError) -> list[str]:
    """List the lines of Python 2 in an imported module."""
    if not error.filename:
        return []
    try:
        lines = _describe_rewrites(Path(error.filename).read_bytes(), error.filename)
    except OSError:
        return []
    module = Path(error.filename).stem
    if lines and module in importer.MODULES:
        said = f"this {module}.py is not the book's, so it stays in use; rename it to use deltarule's {module}"
        lines.insert(len(lines) - 1, said)
    return lines


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)


def _get_exit_code(error: SystemExit) -> int:
    """Return the exit code as Python does: 0 for None, a number itself, and for other values 1, after printing them."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


@contextmanager
def _replace_main(name: str, argv: list[str], folder: str) -> Iterator[ModuleType]:
    """Replace ``__main__``, ``sys.argv`` and ``sys.path`` within the block, as Python sets them for a script."""
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
