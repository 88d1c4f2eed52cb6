"""Errors about options: an invalid argument of the library is reported by the option that sets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from deltarule.errors import NOTHING, DataError, DeltaruleError, FileError, InvalidArgument, format_error

V = TypeVar("V")
T = TypeVar("T")


@contextmanager
def report_as_option(option: str, value: Any) -> Iterator[None]:
    """Report an invalid argument within the block by the name and value of an option.

    >>> from deltarule.core.regularizers import L2
    >>> with report_as_option("--l2", -1.0):
    ...     L2(-1.0)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --l2: expected a number of at least 0, got -1.0
    """
    try:
        yield
    except InvalidArgument as error:
        raise error.with_fields(argument=option, owner="", value=value) from None


@contextmanager
def report_as_part(option: str, text: str) -> Iterator[None]:
    """Report an invalid argument within the block as a part of the text of an option.

    >>> from deltarule.core.distortions import Shift
    >>> with report_as_part("--expand", "shift:pixels=-1"):
    ...     Shift(-1)
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --expand: expected pixels as a whole number from 0 to 32767, got 'shift:pixels=-1'
    """
    try:
        yield
    except InvalidArgument as error:
        expected = f"{error.argument} as {error.expected}"
        raise error.with_fields(argument=option, owner="", value=text, expected=expected) from None


@contextmanager
def report_as_options(run: object, options: Mapping[str, str]) -> Iterator[None]:
    """Report invalid arguments within the block by the options that set them, and an invalid model as ``RUN``.

    >>> from deltarule.core.constraints import check, whole
    >>> with report_as_options("runs/a", {"n": "--count"}):
    ...     check("n", 0, whole(1))
    Traceback (most recent call last):
        ...
    deltarule.errors.InvalidArgument: --count: expected a whole number of at least 1, got 0
    """
    try:
        yield
    except (InvalidArgument, DataError) as error:
        remedy = "train one with labels: deltarule train --net boltzmann" if "RBM(" in error.remedy else error.remedy
        if error.argument == "model":
            raise error.with_fields(argument="RUN", value=run, remedy=remedy) from None
        raise error.with_fields(argument=options.get(error.argument, error.argument), remedy=remedy) from None


def option_error(option: str, value: Any, expected: str, remedy: str = "") -> InvalidArgument:
    """Build an error about the value of an option; with ``NOTHING``, about the option itself.

    >>> str(option_error("--cost", "least", "one of quadratic, cross-entropy"))
    "--cost: expected one of quadratic, cross-entropy, got 'least'"
    """
    return InvalidArgument(argument=option, value=value, expected=expected, remedy=remedy)


def build(option: str, value: V, make: Callable[[V], T]) -> T:
    """Build an object from the value of an option. Raises :class:`InvalidArgument` that names the option."""
    with report_as_option(option, value):
        return make(value)


def phrase_error(error: DeltaruleError) -> str:
    """Phrase an error for the command: name an argument by its option, and do not offer None, which no option has.

    An argument in a file, such as a network file, keeps its name there.

    >>> phrase_error(InvalidArgument(argument="threads", expected="a whole number of at least 1, or None", value=0))
    '--threads: expected a whole number of at least 1, got 0'
    """
    from deltarule.cli.options import find_option
    from deltarule.cli.phrasing import phrase_settings

    expected, value = error.expected.removesuffix(", or None"), NOTHING if error.value is None else error.value
    is_in_file = bool(error.position) or isinstance(error, FileError)
    is_array = error.argument in ("x", "y") and not isinstance(error.value, str)  # not its name, as of --x
    name = str if is_in_file or is_array else find_option
    return phrase_settings(format_error(error.with_fields(expected=expected, value=value), name))
