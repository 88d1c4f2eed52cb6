"""What ``--net`` chooses: layers by their sizes, a recipe by its name or a file; and the options that change it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from deltarule.cli import changes, sizes
from deltarule.cli.console import typed
from deltarule.cli.option_errors import refuse
from deltarule.cli.options import OF_RECIPE, OF_SIZES
from deltarule.core.layer import Shape
from deltarule.core.network import Network
from deltarule.core.schedules import Constant, ReduceOnPlateau
from deltarule.data.dataset import Dataset
from deltarule.data.training_set import build_training_set
from deltarule.errors import NOTHING, DataError, InvalidArgument, ShapeError
from deltarule.models.summary import layer_sizes
from deltarule.recipes import RECIPES, Output, Recipe, read
from deltarule.recipes.builtin import suggest
from deltarule.recipes.notation import format_object
from deltarule.recipes.recipe import Misfit

Given = Mapping[str, Any]
"""The options of the command by the names of their parameters; None for those that were not given."""

COMPARED = ("eta", "optimizer", "regularizer", "augmentation", "epochs", "batch_size")
"""The settings of a training that are told where an option changed what a recipe has."""

ETAS = {"adam": 0.001}
"""What η is taken to be with an optimizer whose steps are of another size than those of gradient descent."""


@dataclass(frozen=True)
class Chosen:
    """A recipe with all that is in force, and how its network is made for the data.

    ``name`` is a recipe's name or file, empty for layers given by their sizes; ``base`` is the recipe before
    options changed it; ``origin`` says where a setting of it stands, such as ``my.toml, line 3: ``.
    """

    name: str
    base: Recipe
    recipe: Recipe
    build: Callable[[Dataset], Network]
    origin: Callable[[str], str] = lambda setting: ""

    def network(self, data: Dataset) -> Network:
        """The network for these data. Raises :class:`DeltaruleError` that names the layer that does not fit."""
        return replace(self.build(data), cost=self.recipe.cost)

    def learned(self, training: Dataset, validation: Dataset) -> tuple[Dataset, Dataset | None]:
        """What is learned from, and what is validated by, as :func:`deltarule.data.build_training_set` has them.

        Raises :class:`DataError` that names ``shifts`` and where it stands, for data that cannot be shifted.
        """
        shifts = self.recipe.shifts
        try:
            return build_training_set(training, validation, shifts, self.recipe.with_validation)
        except DataError as error:
            own = shifts == self.base.shifts
            argument = f"{self.origin('shifts')}shifts" if own else "--expand"
            raise error.with_fields(argument=argument, owner="") from None

    @contextmanager
    def naming_origins(self) -> Iterator[None]:
        """Let a setting that is refused within the block be told by where it stands, unless an option changed it."""
        try:
            yield
        except InvalidArgument as error:
            name = error.argument
            trainings = (self.base.training, self.recipe.training)
            if self.name and hasattr(trainings[0], name) and len({repr(getattr(one, name)) for one in trainings}) == 1:
                error.with_fields(argument=f"{self.origin(name)}{name}", owner="")
            raise

    def label(self, network: Network) -> str:
        """A name for the folder of a run."""
        return Path(self.name).stem if self.name else "-".join(map(str, layer_sizes(network)))

    def refuse_watching(self, options: Given) -> None:
        """Raise :class:`InvalidArgument` for an option that watches validation examples which are trained on."""
        training = self.recipe.training
        own = {
            f"η by {format_object(training.schedule)}": isinstance(training.schedule, ReduceOnPlateau),
            **{f"{self.origin(name)}{name}": getattr(training, name) for name in ("keep_best", "validate_every")},
        }
        watching = [name for name, value in {**options, **own}.items() if value]
        if self.recipe.with_validation and watching:
            learns = f"{self.name} also trains on it: give --without-validation as well"
            asked = "--with-validation also trains on it: leave out one of the two"
            raise InvalidArgument(
                argument=watching[0], expected="a validation set to watch",
                remedy=learns if self.base.with_validation else asked,
            )  # fmt: skip

    @property
    def changed(self) -> dict[str, str]:
        """The settings that options changed, as the recipe has them."""
        if not self.name:
            return {}
        before, now = _settings(self.base), _settings(self.recipe)
        return {name: _before(value) for name, value in before.items() if value != now[name]}


def _settings(recipe: Recipe) -> dict[str, Any]:
    own = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.name != "training"}
    return {**own, **{name: getattr(recipe.training, name) for name in COMPARED}}


def _before(value: Any) -> str:
    if isinstance(value, bool):
        return yes_or_no(value)
    return "none" if value in (None, 0) else str(value.value) if isinstance(value, Constant) else format_object(value)


def yes_or_no(value: bool) -> str:
    """A switch in words."""
    return "yes" if value else "no"


def recipe_by(given: Mapping[str, Any], base: Recipe) -> Recipe:
    """A recipe with the options that were given in place of its own settings.

    >>> from deltarule.recipes import RECIPES
    >>> recipe_by({"epochs": 2, "eta": 0.02, "smoothing": 0.0}, RECIPES["fast-99"]).training.schedule
    OneCycle(peak=0.02, rise=0.25)
    """
    for name, option in OF_RECIPE.items():
        if (value := given.get(name)) is None:
            continue
        if option.change == "setting":
            base = changes.train_with(base, **{name: value})
        else:
            base = getattr(changes, option.change)(base, value)
    return base


def choose(net: str | None, given: Given) -> Chosen:
    """The network and settings that ``--net`` and the options given beside it mean.

    Raises :class:`InvalidArgument` for invalid options, :class:`FileError` for a network file
    with a mistake.
    """
    if given.get("l1") and given.get("l2"):
        raise refuse("--l1", NOTHING, "no --l2 beside it", "choose one of the two")
    if net is None or re.fullmatch(r"[\d-]+", net):
        words = {name: option.usual if given.get(name) is None else given[name] for name, option in OF_SIZES.items()}
        usual = ETAS.get(given.get("optimizer") or "", 0.5)
        base = changes.train_with(Recipe([Output()]), eta=usual)

        def build(data: Dataset) -> Network:
            return sizes.network(net, "cross-entropy", words["hidden"], words["init"], words["dropout"], data)

        return Chosen("", base, recipe_by(given, base), build)
    if net in RECIPES:
        base, network, origin = RECIPES[net], _named(net), lambda setting: f"{net}: "
    elif net.endswith(".toml") or (net and Path(net).exists()):
        file = read(Path(net).expanduser())
        base, network, origin = file.recipe, file.network, lambda setting: f"{file.path}, line {file.find_line(setting)}: "
    else:
        raise refuse(
            "--net", net, "sizes such as 784-30-10, a file that ends in .toml, or the name of a network",
            suggest(net, RECIPES) or f"the networks are {', '.join(RECIPES)}",
        )  # fmt: skip
    if lost := [name for name in OF_SIZES if given.get(name) is not None]:
        edit = f"edit {net}" if net not in RECIPES else f"write them to a file and edit it:  {_to_file(net)}"
        raise refuse(
            " and ".join(f"--{name}" for name in lost), given[lost[0]],
            f"a network given by sizes, where {net} names its own layers", edit,
        )  # fmt: skip
    now = recipe_by(given, base)
    return Chosen(net, base, now, lambda data: network(data.x.shape[1:], data.targets.shape[1]), origin)


def _named(name: str) -> Callable[[Shape, int], Network]:
    def network(example_shape: Shape, n_out: int) -> Network:
        try:
            return RECIPES[name].network(example_shape, n_out)
        except Misfit as error:
            size = " × ".join(map(str, example_shape)) if len(example_shape) > 1 else f"{example_shape[0]} numbers"
            raise ShapeError(
                f"{name} does not fit examples of {size}: {error}. "
                f"Choose another of `deltarule nets`, or write its layers to a file and edit them:  {_to_file(name)}"
            ) from None

    return network


def _to_file(name: str) -> str:
    return f"{typed('deltarule', 'nets', '--toml', name)} > my.toml"
