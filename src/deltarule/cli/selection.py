"""The network that ``--net`` selects (sizes, a name or a file), with the settings that options change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from deltarule.cli import changes, sizes
from deltarule.cli.console import format_command
from deltarule.cli.option_errors import option_error
from deltarule.cli.options import OF_RECIPE, OF_SIZES
from deltarule.core.layer import Shape
from deltarule.core.network import Network
from deltarule.core.schedules import Constant, ReduceOnPlateau
from deltarule.data.dataset import Dataset
from deltarule.data.training_set import build_training_set
from deltarule.errors import NOTHING, DataError, InvalidArgument
from deltarule.models.summary import layer_sizes
from deltarule.preprocessing import Preprocessing
from deltarule.recipes import RECIPES, Output, Recipe, read
from deltarule.recipes.builtin import suggest
from deltarule.recipes.notation import format_object
from deltarule.recipes.recipe import Misfit

Given = Mapping[str, Any]
"""The options of the command by the names of their parameters; None for an option that is left out."""

COMPARED = ("eta", "optimizer", "regularizer", "augmentation", "epochs", "batch_size")
"""The settings of a training that are printed with the recipe's own value if an option changed them."""

ETAS = {"adam": 0.001}
"""The default η of an optimizer whose steps have another size than those of gradient descent."""


@dataclass(frozen=True)
class Selection:
    """A recipe with all settings in force, and the function that builds its network for the data.

    ``name`` is the name or file of a recipe, empty for layers given by their sizes; ``base`` is the recipe before
    options changed it; ``origin`` returns the fields of an error that say where a setting of ``base`` stands, such as
    ``{"path": "my.toml", "position": "line 3"}``; ``reasons`` says why the data changed a setting.
    """

    name: str
    base: Recipe
    recipe: Recipe
    build: Callable[[Preprocessing], Network]
    origin: Callable[[str], dict[str, Any]] = lambda setting: {}
    reasons: Mapping[str, str] = field(default_factory=dict)

    def build_network(self, data: Dataset, fitted: Preprocessing | None = None) -> Network:
        """Build the network for these data, or for the preprocessing of a model.

        Raises :class:`DeltaruleError` for a layer that does not fit.
        """
        network = self.build(fitted or Preprocessing.fit(data))
        return network if network.cost == self.recipe.cost else replace(network, cost=self.recipe.cost)

    def build_training_set(self, training: Dataset, validation: Dataset) -> tuple[Dataset, Dataset | None]:
        """Build the training set and the validation set as :func:`deltarule.data.build_training_set` does.

        Raises :class:`DataError` that names ``shifts`` and its place, for data that cannot be shifted.
        """
        shifts = self.recipe.shifts
        try:
            return build_training_set(training, validation, shifts, self.recipe.with_validation)
        except DataError as error:
            place = {**self.origin("shifts"), "argument": "shifts"}
            is_own = shifts == self.base.shifts
            raise error.with_fields(owner="", **(place if is_own else {"argument": "--expand"})) from None

    @contextmanager
    def report_origins(self) -> Iterator[None]:
        """Report an invalid setting within the block by its place in the recipe, unless an option changed it."""
        try:
            yield
        except InvalidArgument as error:
            if self._is_own(error.argument):
                error.with_fields(**self.origin(error.argument), owner="")
            raise

    def name_run(self, network: Network) -> str:
        """Return a name for the folder of a run."""
        return Path(self.name).stem if self.name else "-".join(map(str, layer_sizes(network)))

    def check_validation(self, options: Given) -> None:
        """Raise :class:`InvalidArgument` for a setting that needs validation examples which are not trained on."""
        if not self.recipe.with_validation:
            return
        training = self.recipe.training
        watching = {
            "eta": isinstance(training.schedule, ReduceOnPlateau),
            "keep_best": training.keep_best,
            "validate_every": training.validate_every,
        }
        places = [{"argument": option} for option, value in options.items() if value]
        for name in (name for name, is_watching in watching.items() if is_watching):
            by_option = name == "eta" and not self._is_own(name)
            places.append({"argument": "--schedule"} if by_option else {**self.origin(name), "argument": name})
        if places:
            because = f"because {self.name} trains on the validation set"
            remedy = (
                f"add --without-validation, {because}" if self.base.with_validation else "leave out --with-validation"
            )
            raise InvalidArgument(expected="a validation set that is not trained on", remedy=remedy, **places[0])

    def _is_own(self, setting: str) -> bool:
        """Return whether a setting of the training stands in the recipe and no option changed it."""
        before, now = self.base.training, self.recipe.training
        return (
            bool(self.name) and hasattr(now, setting) and repr(getattr(before, setting)) == repr(getattr(now, setting))
        )

    @property
    def originals(self) -> dict[str, str]:
        """The recipe's own values of the settings that options changed."""
        if not self.name:
            return {}
        before, now = _list_settings(self.base), _list_settings(self.recipe)
        return {name: _format_original(value) for name, value in before.items() if value != now[name]}


def _list_settings(recipe: Recipe) -> dict[str, Any]:
    own = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.name != "training"}
    return {**own, **{name: getattr(recipe.training, name) for name in COMPARED}}


def _format_original(value: Any) -> str:
    if isinstance(value, bool):
        return format_switch(value)
    return "none" if value in (None, 0) else format_setting(value)


def format_setting(value: Any) -> str:
    """Format a setting as a network file has it, a constant η as its number.

    >>> from deltarule.core.schedules import OneCycle
    >>> format_setting(Constant(0.5)), format_setting(OneCycle(0.01))
    ('0.5', 'OneCycle(0.01, 0.25)')
    """
    return format_object(value.value if isinstance(value, Constant) else value)


def format_switch(is_on: bool) -> str:
    """Format a switch: yes or no."""
    return "yes" if is_on else "no"


def change_recipe(given: Given, base: Recipe) -> Recipe:
    """Change the settings of a recipe for which options are given.

    >>> from deltarule.recipes import RECIPES
    >>> change_recipe({"epochs": 2, "eta": 0.02, "smoothing": 0.0}, RECIPES["fast-99"]).training.schedule
    OneCycle(peak=0.02, rise=0.25)
    """
    for name, option in OF_RECIPE.items():
        if (value := given.get(name)) is None:
            continue
        if option.change == "setting":
            base = changes.change_training(base, **{name: value})
        else:
            base = getattr(changes, option.change)(base, value)
    return base


def select_network(net: str | None, given: Given) -> Selection:
    """Select the network and settings that ``--net`` and the options given with it describe.

    Raises :class:`InvalidArgument` for invalid options, :class:`FileError` for an invalid network file.
    """
    if given.get("l1") and given.get("l2"):
        raise option_error("--l1", NOTHING, "no --l2 together with it", "leave out one of the two")
    if net is None or re.fullmatch(r"[\d-]+", net):
        return _select_sizes(net, given)
    build: Callable[[Shape, int], Network]
    origin: Callable[[str], dict[str, Any]]
    if net in RECIPES:
        base, build, origin = RECIPES[net], _get_builder(net), lambda setting: {"position": net}
    elif net.endswith(".toml") or (net and Path(net).exists()):
        file = read(Path(net).expanduser())
        base, build = file.recipe, file.network
        origin = lambda setting: {"path": file.path, "position": f"line {file.find_line(setting)}"}  # noqa: E731
    else:
        raise option_error(
            "--net", net, "sizes such as 784-30-10, a file that ends in .toml, or the name of a network",
            suggest(net, RECIPES) or f"the networks are {', '.join(RECIPES)}",
        )  # fmt: skip
    if unused := [name for name in OF_SIZES if given.get(name) is not None]:
        remedy = (
            f"edit {net}" if net not in RECIPES else f"write its layers to a file and edit it:  {_format_export(net)}"
        )
        raise option_error(
            " and ".join(f"--{name}" for name in unused), given[unused[0]],
            f"a network given by sizes, because {net} has its own layers", remedy,
        )  # fmt: skip
    recipe = change_recipe(given, base)
    return Selection(net, base, recipe, lambda fitted: build(fitted.input_shape, fitted.encoding.n_out), origin)


def _select_sizes(net: str | None, given: Given) -> Selection:
    values = {name: option.default if given.get(name) is None else given[name] for name, option in OF_SIZES.items()}
    base = changes.change_training(Recipe([Output()]), eta=ETAS.get(given.get("optimizer") or "", 0.5))

    def build(fitted: Preprocessing) -> Network:
        return sizes.build_network(net, "cross-entropy", values["hidden"], values["init"], values["dropout"], fitted)

    return Selection("", base, change_recipe(given, base), build)


def _get_builder(name: str) -> Callable[[Shape, int], Network]:
    def build(example_shape: Shape, n_out: int) -> Network:
        try:
            return RECIPES[name].network(example_shape, n_out)
        except Misfit as error:
            size = " × ".join(map(str, example_shape)) if len(example_shape) > 1 else f"{example_shape[0]} numbers"
            error.with_fields(
                position=f"{name} for examples of {size}, {error.position}",
                remedy=f"use another network, or write its layers to a file and edit it:  {_format_export(name)}",
            )
            raise

    return build


def _format_export(name: str) -> str:
    return f"{format_command('deltarule', 'nets', '--toml', name)} > my.toml"
