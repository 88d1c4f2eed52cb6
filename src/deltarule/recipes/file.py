"""Network files: recipes in TOML, and errors that name the line."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real
from pathlib import Path
from typing import Any, get_type_hints

from deltarule import limits
from deltarule.core.layer import Shape
from deltarule.core.network import Network
from deltarule.core.schedules import Constant
from deltarule.errors import DeltaruleError, FileError, InvalidArgument
from deltarule.recipes.builtin import suggest
from deltarule.recipes.notation import format_object, parse_object
from deltarule.recipes.recipe import Misfit, Part, Recipe
from deltarule.recipes.toml_places import Keys, find_line, measure_depth
from deltarule.training.training import Training

OWN = tuple(field.name for field in fields(Recipe) if field.name != "training")
SETTINGS = (*OWN, *(field.name for field in fields(Training)))

FIRST = ("cost", "eta", "optimizer", "regularizer", "epochs", "batch_size", "shifts", "augmentation", "with_validation")
"""The settings that are written first, in this order. Measurements are found by this text: do not change it."""

_LAYERS = 'a list of layers such as ["Dense(30)", "Sigmoid", "Output"]'


@dataclass(frozen=True)
class NetworkFile:
    """A recipe from a file, and the file's path and text, by which errors name the line.

    >>> from deltarule.recipes import Output
    >>> file = NetworkFile(Path("my.toml"), 'eta = 0.1\\nlayers = ["Output"]\\n', Recipe([Output()]))
    >>> file.find_line("layers"), file.network((8, 8), 10).shapes
    (2, [(64,), (10,)])
    """

    path: Path
    text: str
    recipe: Recipe

    def find_line(self, setting: str) -> int:
        """Find the line of a setting, from 1."""
        return find_line(self.text, [setting])

    def network(self, example_shape: Shape, n_out: int) -> Network:
        """Build the network for examples of this shape and ``n_out`` outputs.

        Raises :class:`FileError`, with the line, for a layer that does not fit.
        """
        try:
            return self.recipe.network(example_shape, n_out)
        except Misfit as error:
            raise _as_file_error(error, self.path, self.text, ["layers", error.layer]) from None


def read(path: str | Path) -> NetworkFile:
    """Read a recipe from a TOML file.

    Raises :class:`FileError`, with the line, for a file that cannot be read, an unknown setting, an invalid value
    and a layer that cannot stand in its place.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "my.toml"
    ...     _ = path.write_text('layers = ["Dense(30)", "Sigmoid", "Output"]\\nepochs = 3\\n')
    ...     read(path).recipe.training.epochs
    3
    """
    path = Path(path)
    text = _read_text(path)
    content = _parse_toml(path, text)
    for name in content:
        if name not in SETTINGS:
            error = InvalidArgument(
                expected=f"one of the settings {', '.join(SETTINGS)}", value=name, remedy=suggest(name, SETTINGS)
            )
            raise _as_file_error(error, path, text, [name])
    if "layers" not in content:
        raise FileError(f"expected {_LAYERS}, got none", path=path, argument="layers")
    if not isinstance(content["layers"], list):
        error = InvalidArgument(argument="layers", expected=_LAYERS, value=content["layers"])
        raise _as_file_error(error, path, text, ["layers"])
    hints = get_type_hints(Recipe) | get_type_hints(Training)
    values: dict[str, Any] = {"layers": []}
    for i, layer in enumerate(content["layers"]):
        try:
            values["layers"].append(parse_object(layer, Part))
        except InvalidArgument as error:
            error.with_fields(position=f"layer {i}", remedy=_find_misplaced(layer) or error.remedy)
            raise _as_file_error(error, path, text, ["layers", i, *_find_field(layer, error)]) from None
    for name, value in content.items():
        if name != "layers":
            try:
                values[name] = parse_object(value, hints[name])
            except InvalidArgument as error:
                error.with_fields(argument=error.argument or name)
                raise _as_file_error(error, path, text, [name, *_find_field(value, error)]) from None
    try:
        training = Training(**{name: value for name, value in values.items() if name not in OWN})
        return NetworkFile(
            path, text, Recipe(**{name: values[name] for name in OWN if name in values}, training=training)
        )
    except Misfit as error:
        raise _as_file_error(error, path, text, ["layers", error.layer]) from None
    except InvalidArgument as error:
        setting = error.argument if error.argument in values else "layers"
        raise _as_file_error(error, path, text, [setting]) from None


def to_toml(recipe: Recipe) -> str:
    """Format a recipe as a network file.

    ``cost``, ``eta``, ``epochs`` and ``batch_size`` are always written; other settings only if they differ from their
    defaults.

    >>> from deltarule.recipes import Output
    >>> print(to_toml(Recipe([Output()], training=Training(eta=0.1, epochs=5))), end="")
    layers = [
        "Output",
    ]
    cost = "CrossEntropy"
    eta = 0.1
    epochs = 5
    batch_size = 10
    """
    lines = [
        f"{name} = {_format_value(getattr(recipe, name))}" for name in ("about", "source") if getattr(recipe, name)
    ]
    lines += ["layers = [", *(f"    {_format_value(layer)}," for layer in recipe.layers), "]"]
    always = ("cost", "eta", "epochs", "batch_size")
    usual = Recipe(recipe.layers, recipe.cost)
    for name in dict.fromkeys((*FIRST, *SETTINGS)):
        value, default = (getattr(one if name in OWN else one.training, name) for one in (recipe, usual))
        if name in always or (name not in ("layers", "about", "source") and value != default):
            lines.append(f"{name} = {_format_value(value)}")
    return "\n".join(lines) + "\n"


def _read_text(path: Path) -> str:
    """Read the text of a network file. Raises :class:`FileError` if it is not text in UTF-8, or is too large."""
    try:
        with path.open("rb") as file:
            content = file.read(limits.RECIPE_BYTES + 1)
    except OSError as error:
        problem = f"the file could not be read: {error.strerror or error}"
        raise FileError(problem, path=path, remedy="check the name of the network file") from None
    if len(content) > limits.RECIPE_BYTES:
        problem = f"expected a network file of {limits.RECIPE_BYTES:,} bytes at most, got more"
        raise FileError(problem, path=path, remedy=limits.describe_remedy("RECIPE_BYTES", "check the name of the file"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileError("expected text in UTF-8, got other bytes", path=path, position=f"line {line}") from None


def _parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Parse TOML. Raises :class:`FileError`, with the line, for invalid TOML and a setting that occurs twice."""
    if measure_depth(text) > limits.RECIPE_DEPTH:  # the parser takes time and memory by the square of a key's depth
        problem = f"expected values and keys nested at most {limits.RECIPE_DEPTH} deep, got more"
        raise FileError(problem, path=path, remedy=limits.describe_remedy("RECIPE_DEPTH"))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at line (\d+), column \d+\)", str(error))
        reason = str(error).split(" (at ")[0]
        line = int(at[1]) if at else len(text.splitlines())
        if reason != "Cannot overwrite a value":
            raise FileError(f"expected valid TOML, got {reason!r}", path=path, position=f"line {line}") from None
        line, key = _find_key(text, line)  # the parser gives the last line of the second value
        problem = "expected the setting once, got it twice"
        raise FileError(
            problem, path=path, position=f"line {line}", argument=key, remedy="remove one of the two"
        ) from None
    except ValueError:
        raise FileError(
            f"expected whole numbers of at most {sys.get_int_max_str_digits()} digits, got a longer one", path=path
        ) from None


def _find_key(text: str, line: int) -> tuple[int, str]:
    """Find the last line from 1 to ``line`` that begins with ``key =``, and the key."""
    found = [
        (n, key[1]) for n, one in enumerate(text.splitlines()[:line], 1) if (key := re.match(r"\s*([^\s=,]+)\s*=", one))
    ]
    return found[-1] if found else (line, "a setting")


def _as_file_error(error: DeltaruleError, path: Path, text: str, keys: Keys) -> FileError:
    """Turn an error about a value into one about the file: the same fields, the path, and the line of the value."""
    names = ("problem", "argument", "owner", "value", "expected", "remedy")
    line = f"line {find_line(text, keys)}"
    position = f"{line}, {error.position}" if error.position else line
    return FileError(path=path, position=position, **{name: getattr(error, name) for name in names})


def _find_field(value: Any, error: DeltaruleError) -> list[str]:
    """Find the keys of the field that an error is about, within a table and the tables in it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in (error.argument, error.value):
                return [name]
            if below := _find_field(inner, error):
                return [name, *below]
    return []


def _find_misplaced(layer: Any) -> str:
    """Return the remedy for a setting of the whole network in the table of a layer, an empty string for others."""
    names = [name for name in layer if name in SETTINGS] if isinstance(layer, Mapping) else []
    return f"move {names[0]}, a setting of the whole network, above the first [[layers]]" if names else ""


def _format_value(value: Any) -> str:
    """Format a value as TOML."""
    if isinstance(value, Constant):
        return format_object(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Real):
        return format_object(value)
    text = value if isinstance(value, str) else format_object(value)
    # the escapes of TOML's strings are those of JSON
    return json.dumps(text, ensure_ascii=False)
