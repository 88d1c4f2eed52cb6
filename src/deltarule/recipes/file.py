"""Network files: a recipe in TOML, which one can write by hand, and errors that name the line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Real
from pathlib import Path
from typing import Any, NoReturn, get_type_hints

from deltarule.core.layer import Layer, Shape
from deltarule.core.network import Network
from deltarule.core.schedules import Constant
from deltarule.errors import FileError, InvalidArgument
from deltarule.recipes.builtin import near
from deltarule.recipes.notation import format_object, parse_object
from deltarule.recipes.recipe import Misfit, Output, Recipe
from deltarule.training.training import Training

LARGEST = 100_000
"""Bytes of the largest file that is taken for one written by hand."""

OWN = tuple(field.name for field in fields(Recipe) if field.name != "training")
SETTINGS = (*OWN, *(field.name for field in fields(Training)))

FIRST = ("cost", "eta", "optimizer", "regularizer", "epochs", "batch_size", "shifts", "augmentation", "with_validation")
"""The settings that are written first, in this order: measured figures are found by this text."""


@dataclass(frozen=True)
class NetworkFile:
    """A recipe that was read from a file, and the file's text, so that errors can name the line."""

    path: Path
    text: str
    recipe: Recipe

    def where(self, setting: str) -> str:
        """The file and the line of a setting."""
        return f"{self.path}, line {line_of(self.text, [setting])}"

    def network(self, example_shape: Shape, n_out: int) -> Network:
        """The network for these data. Raises :class:`FileError` with the line of the layer that does not fit."""
        try:
            return self.recipe.network(example_shape, n_out)
        except Misfit as error:
            at = line_of(self.text, ("layers", error.layer))
            raise FileError(f"{self.path}, line {at}: {error}") from None


def read(path: str | Path) -> NetworkFile:
    """The recipe in a file. Raises :class:`FileError` that names the line, the reason, and what would fit."""
    path = Path(path)
    text = _text(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at line (\d+), column \d+\)", str(error))
        reason = str(error).split(" (at ")[0]
        line = int(at[1]) if at else len(text.splitlines())
        if reason == "Cannot overwrite a value":  # whose last line this is
            line, key = _key_before(text, line)
            raise FileError(f"{path}, line {line}: {key} stands there twice: leave out one") from None
        raise FileError(f"{path}, line {line}: this is not TOML: {reason}") from None
    except RecursionError:
        raise FileError(f"{path}: this is nested too deeply") from None

    def refuse(where: Sequence[str | int], reason: str) -> NoReturn:
        raise FileError(f"{path}, line {line_of(text, where)}: {reason}")

    for name in content:
        if name not in SETTINGS:
            refuse([name], f"there is no setting {name!r}{near(name, SETTINGS)}; the settings: {', '.join(SETTINGS)}")
    if "layers" not in content:
        raise FileError(f'{path}: it names no layers; write such as layers = ["Dense(30)", "Sigmoid", "Output"]')
    if not isinstance(content["layers"], list):
        refuse(["layers"], 'layers is a list, such as ["Dense(30)", "Sigmoid", "Output"]')
    hints = get_type_hints(Recipe) | get_type_hints(Training)
    found: dict[str, Any] = {}
    layers: list[Any] = []
    for i, layer in enumerate(content["layers"]):
        try:
            layers.append(parse_object(layer, Layer | Output))
        except InvalidArgument as error:
            refuse(_field(layer, ["layers", i], str(error)), f"layer {i}: {error}{_misplaced(layer)}")
    for name, value in content.items():
        try:
            found[name] = layers if name == "layers" else parse_object(value, hints[name])
        except InvalidArgument as error:
            refuse(_field(value, [name], str(error)), f"{name}: {error}")
    own = {name: value for name, value in found.items() if name in OWN}
    try:
        training = Training(**{name: value for name, value in found.items() if name not in OWN})
        return NetworkFile(path, text, Recipe(**own, training=training))
    except Misfit as error:
        refuse(["layers", error.layer], str(error))
    except InvalidArgument as error:
        refuse([error.argument if error.argument in found else "layers"], str(error))


def to_toml(recipe: Recipe) -> str:
    """A recipe as such a file; what has its default is left out.

    >>> print(to_toml(Recipe([Output()], training=Training(eta=0.1, epochs=5))), end="")
    layers = [
        "Output",
    ]
    cost = "CrossEntropy"
    eta = 0.1
    epochs = 5
    batch_size = 10
    """
    lines = [f"{name} = {_toml(getattr(recipe, name))}" for name in ("about", "source") if getattr(recipe, name)]
    lines += ["layers = [", *(f"    {_toml(layer)}," for layer in recipe.layers), "]"]
    always = ("cost", "eta", "epochs", "batch_size")
    usual = Recipe(recipe.layers)
    for name in dict.fromkeys((*FIRST, *SETTINGS)):
        value, default = (getattr(one if name in OWN else one.training, name) for one in (recipe, usual))
        if name in always or (name not in ("layers", "about", "source") and value != default):
            lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def line_of(text: str, where: Sequence[str | int]) -> int:
    """The line, from 1, on which a value begins: ``["layers", 2, "kernel"]``.

    It is the line after the longest beginning of the text, by whole lines, that can be read and
    does not hold the value yet; a list that is still open is closed for this.

    >>> line_of('epochs = 3\\nlayers = [\\n  "Dense(30)",\\n  "Output",\\n]\\n', ["layers", 1])
    4
    """
    lines, last = text.splitlines(), 0
    for n in range(len(lines) + 1):
        beginning = "\n".join(lines[:n])
        for closed in (beginning, beginning + "\n]"):
            try:
                content = tomllib.loads(closed)
            except (tomllib.TOMLDecodeError, RecursionError):
                continue
            if _holds(content, where):
                return last + 1
            last = n
            break
    return last + 1


def _key_before(text: str, line: int) -> tuple[int, str]:
    """The last line from 1 to ``line`` that begins with ``key =``, and the key."""
    found = [
        (n, key[1]) for n, one in enumerate(text.splitlines()[:line], 1) if (key := re.match(r"\s*([^\s=,]+)\s*=", one))
    ]
    return found[-1] if found else (line, "a setting")


def _holds(content: Any, where: Sequence[str | int]) -> bool:
    try:
        for step in where:
            content = content[step]
    except (LookupError, TypeError):
        return False
    return True


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST:
        raise FileError(f"{path} is too large for a network file: {len(content):,} bytes, {LARGEST:,} at most")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileError(f"{path}, line {line}: this is not text in UTF-8") from None


def _field(value: Any, where: list[str | int], reason: str) -> list[str | int]:
    """Where the value that an error is about stands: the field that it names, if the value is a table."""
    named = (
        [name for name in value if f"{name!r}" in reason or reason.startswith(f"{name} of")]
        if isinstance(value, Mapping)
        else []
    )
    return [*where, *named[:1]]


def _misplaced(layer: Any) -> str:
    """A word on a setting that has got into a table of a layer, as TOML has it for what stands below one."""
    names = [name for name in layer if name in SETTINGS] if isinstance(layer, Mapping) else []
    return f" ({names[0]} of the whole network stands above the first [[layers]])" if names else ""


def _toml(value: Any) -> str:
    if isinstance(value, Constant):
        return format_object(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Real):
        return format_object(value)
    text = value if isinstance(value, str) else format_object(value)
    # the escapes of TOML's strings are those of JSON
    return json.dumps(text, ensure_ascii=False)
