"""The settings of the page Train in its address, so that a link to the page shares them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote_plus

from deltarule.errors import InvalidArgument
from deltarule.lab.run_records import Rates
from deltarule.lab.training_form import COSTS, EPOCHS, NETWORKS, OPTIMIZERS
from deltarule.recipes.notation import parse_object
from deltarule.recipes.recipe import Part

MOST_LAYERS = 50
"""The most layers in an address."""

LONGEST = 200
"""The most characters of a layer, or of the name of a column."""

MOST_SHOWN = 40
"""The most characters of a wrong value that a message repeats."""

IGNORED = ("file", "session_id", "kiosk", "view-as", "show-code", "include-code", "access_token")
"""Parameters that are not the page's own."""


@dataclass(frozen=True)
class FormSettings:
    """The settings of the page: those of :func:`training_form.build_job`, and the first η and λ."""

    source: str
    label: str = ""
    layers: tuple[str, ...] = tuple(NETWORKS["30 hidden neurons"])
    cost: str = "cross-entropy"
    optimizer: str = "SGD"
    batch_size: int = 10
    epochs: int = EPOCHS
    seed: int = 1
    eta: float = Rates.eta
    lmbda: float = Rates.lmbda


@dataclass(frozen=True)
class Parameter:
    """A parameter of the address: its field, and how its text is read and written.

    ``read`` returns None for a text that is not as ``expected``.
    """

    field: str
    expected: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def _choose(field: str, names: Sequence[str]) -> Parameter:
    return Parameter(field, f"one of {', '.join(names)}", lambda text: text if text in names else None)


def _count(field: str, low: int, high: int) -> Parameter:
    def read(text: str) -> int | None:
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high else None

    return Parameter(field, f"a whole number from {low:,} to {high:,}", read)


def _measure(field: str, high: float) -> Parameter:
    def read(text: str) -> float | None:
        is_number = re.fullmatch(r"[0-9]+(\.[0-9]*)?(e[-+]?[0-9]{1,3})?", text)
        return float(text) if is_number and math.isfinite(float(text)) and float(text) <= high else None

    return Parameter(field, f"a number from 0 to {high:g}", read, lambda value: f"{value:g}")


def split_layers(text: str) -> list[str]:
    """Split layers at the commas that stand in no brackets.

    >>> split_layers("Conv(8, 3),ReLU,Output(He())")
    ['Conv(8, 3)', 'ReLU', 'Output(He())']
    """
    layers, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            layers.append("")
        else:
            layers[-1] += letter
    return [layer.strip() for layer in layers]


def _read_layers(text: str) -> tuple[str, ...] | None:
    layers = tuple(split_layers(text))
    if len(layers) > MOST_LAYERS or max(map(len, layers)) > LONGEST:
        return None
    try:
        for layer in layers:
            parse_object(layer, Part)
    except InvalidArgument:
        return None
    return layers


PARAMETERS: Mapping[str, Parameter] = {
    "target": Parameter("label", "the name of a column", lambda text: text if len(text) <= LONGEST else None),
    "layers": Parameter("layers", "layers such as Dense(30),Sigmoid,Output", _read_layers, ",".join),
    "cost": _choose("cost", tuple(COSTS)),
    "optimizer": _choose("optimizer", tuple(OPTIMIZERS)),
    "batch": _count("batch_size", 1, 100_000),
    "epochs": _count("epochs", 1, 100_000),
    "seed": _count("seed", 0, 1_000_000),
    "eta": _measure("eta", 100),
    "lmbda": _measure("lmbda", 1000),
}
"""The parameters beside ``data``, with the names that the Playground has where both have a setting."""


def name_sources(sources: Mapping[str, str]) -> dict[str, str]:
    """Name the data sets for addresses: the lab's own by their names for ``load``, others by those on the page.

    The address of a file never is in an address: it is of no use on another machine.

    >>> name_sources({"MNIST (28 × 28)": "mnist", "soil.csv": "runs/lab/data/0123456789ab/soil.csv"})
    {'mnist': 'mnist', 'soil.csv': 'runs/lab/data/0123456789ab/soil.csv'}
    """
    return {source if source in ("mnist", "digits") else name: source for name, source in sources.items()}


def read_address(parameters: Mapping[str, Any], sources: Mapping[str, str]) -> tuple[FormSettings, list[str]]:
    """Read the settings from the parameters of an address.

    Args:
        parameters: The parameters, as marimo gives them: texts, or lists of those given more than once.
        sources: The data sets (:func:`training_form.list_sources`), of which the first is the default.

    Returns:
        The settings, and a sentence for each problem, whose setting has its default.

    >>> settings, problems = read_address({"eta": "fast", "seed": "3"}, {"small digits (8 × 8)": "digits"})
    >>> settings.eta, settings.seed, problems
    (0.5, 3, ['eta: expected a number from 0 to 100, got “fast”; the page uses 0.5.'])
    """
    names = name_sources(sources)
    default = FormSettings(next(iter(names.values())))
    data = Parameter("source", f"one of {', '.join(names)}", names.get, lambda source: next(iter(names)))
    settings, problems, known = default, list[str](), {"data": data, **PARAMETERS}
    for name, value in parameters.items():
        if name in IGNORED:
            continue
        text = value if isinstance(value, str) else ", ".join(map(str, value))
        if (parameter := known.get(name)) is None:
            problems.append(f"The address has an unknown setting, “{_shorten(name)}”.")
        elif (found := parameter.read(text) if isinstance(value, str) else None) is None:
            used = parameter.write(getattr(default, parameter.field))
            got = _shorten(text)
            problems.append(f"{name}: expected {parameter.expected}, got “{got}”; the page uses {used or 'none'}.")
        else:
            settings = replace(settings, **{parameter.field: found})
    return settings, problems


def write_address(settings: FormSettings, sources: Mapping[str, str]) -> str:
    """Write the settings that differ from their defaults as parameters of an address.

    The data are left out only if nothing differs: another machine may have another default.

    >>> sources = {"MNIST (28 × 28)": "mnist", "small digits (8 × 8)": "digits"}
    >>> write_address(FormSettings("mnist", layers=("Conv(8, 3)", "Output"), eta=0.1), sources)
    'data=mnist&layers=Conv(8,+3),Output&eta=0.1'
    >>> write_address(FormSettings("mnist"), sources)
    ''
    """
    default = FormSettings(next(iter(sources.values())))
    texts = {name: one.write(getattr(settings, one.field)) for name, one in PARAMETERS.items()}
    other = {name: text for name, text in texts.items() if text != PARAMETERS[name].write(_get(default, name))}
    names = {source: name for name, source in name_sources(sources).items()}
    data = {"data": names.get(settings.source, "")} if other or settings.source != default.source else {}
    return "&".join(f"{name}={quote_plus(text, safe='(),')}" for name, text in {**data, **other}.items())


def _get(settings: FormSettings, name: str) -> Any:
    return getattr(settings, PARAMETERS[name].field)


def _shorten(text: str) -> str:
    return f"{text[:MOST_SHOWN]}…" if len(text) > MOST_SHOWN else text
