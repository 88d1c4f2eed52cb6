"""The architecture: imports point one way, without cycles, and training needs only NumPy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "deltarule"

# each imports only from those that stand before it; "errors" and some others are single files
ORDER = (
    "errors",
    "limits",
    "files",
    "notebook",
    "plotting",
    "core",
    "constructions",
    "data",
    "handwriting",
    "preprocessing",
    "engines",
    "models",
    "training",
    "recipes",
    # namespaces, which show names of the folders above
    "augmentation",
    "calculus",
    "callbacks",
    "encodings",
    "initializers",
    "schedules",
    "digit_strings",
    "sklearn",
    "book",
    "experiments",
    "lab",
    "exchange",
    "estimator",
    "search",
    "cli",
)
# the package itself, which shows the names of all of them, serves only those above training
SHOP_WINDOW = "__init__"
CUSTOMERS = ORDER[ORDER.index("schedules") + 1 :]

MODULES = sorted(PACKAGE.rglob("*.py"))
INSIDE = sorted((PACKAGE / "core").rglob("*.py"))
ALL_THAT_RUNS = sorted(
    path for folder in ("src", "examples", "benchmarks", "docs", "tools") for path in (ROOT / folder).rglob("*.py")
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def find_in_each(paths: list[Path], find: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """Map each file in which something is found to what it is."""
    assert len(paths) > 100
    return {name_of(path): found for path in paths if (found := find(path))}


each_module_inside = pytest.mark.parametrize("path", INSIDE, ids=name_of)


def folder_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.AST, package: tuple[str, ...] = ()) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, also for type checkers or by name at run time.

    ``package`` is the one that relative imports start from.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*start, *filter(None, [node.module])))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                yield node.lineno, str(node.args[0].value)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    yield from imports(tree_of(path), path.relative_to(PACKAGE.parent).parent.parts)


def own_package(name: str) -> str | None:
    """Return the package of ours that an import names, the top package for names that are not folders; None if none."""
    top, *rest = name.split(".")
    if top != "deltarule":
        return None
    return rest[0] if rest and rest[0] in ORDER else SHOP_WINDOW


def find_upward_imports(here: str, found: Iterator[tuple[int, str]]) -> list[str]:
    allowed = {here, *ORDER[: ORDER.index(here)], *([SHOP_WINDOW] if here in CUSTOMERS else [])}
    return [f"line {line}: {name}" for line, name in sorted(found) if own_package(name) not in {None, *allowed}]


def test_imports_point_one_way():
    modules = [path for path in MODULES if folder_of(path) not in (SHOP_WINDOW, "__main__")]
    new = {folder_of(path) for path in modules} - set(ORDER)
    assert new == set(), "give these a place in the order here and in the design"
    assert find_in_each(modules, lambda path: find_upward_imports(folder_of(path), imports_of(path))) == {}


def test_an_upward_import_is_found():
    """Check the test above with upward imports of every kind."""
    text = """\
from typing import TYPE_CHECKING
import deltarule.models.model
from deltarule import training, errors
from deltarule import fit
from deltarule.engines import base
from .. import models
from ..training.fit import fit
from .dataset import Dataset
if TYPE_CHECKING:
    from deltarule.models.model import Model
def later():
    import importlib
    importlib.import_module("deltarule.cli")
    from deltarule.core import network
"""
    found = find_upward_imports("data", imports(ast.parse(text), ("deltarule", "data")))
    assert found == [
        "line 2: deltarule.models.model",
        "line 3: deltarule.training",
        "line 4: deltarule.fit",
        "line 5: deltarule.engines.base",
        "line 6: deltarule.models",
        "line 7: deltarule.training.fit.fit",
        "line 10: deltarule.models.model.Model",
        "line 13: deltarule.cli",
    ]


# what shows or measures the library does without the book's experiments, although these stand before it
WITHOUT_EXPERIMENTS = sorted([*(PACKAGE / "lab").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])


def find_imports_of_experiments(found: Iterator[tuple[int, str]]) -> list[str]:
    return [f"line {line}: {name}" for line, name in found if f"{name}.".startswith("deltarule.experiments.")]


def test_lab_and_benchmarks_import_nothing_from_the_experiments():
    def find(path: Path) -> list[str]:
        package = path.relative_to(ROOT / "src" if PACKAGE in path.parents else ROOT).parent.parts
        return find_imports_of_experiments(imports(tree_of(path), package))

    assert find_in_each(WITHOUT_EXPERIMENTS, find) == {}


def test_an_import_of_an_experiment_is_found():
    text = """\
from deltarule.experiments.images import images
def later():
    from .. import experiments
    import deltarule.experiments as e
    import_module("deltarule.experiments.run")
from deltarule import lab
"""
    found = find_imports_of_experiments(imports(ast.parse(text), ("deltarule", "lab")))
    assert [line.split(":")[0] for line in found] == ["line 1", "line 3", "line 4", "line 5"]


Graph = dict[str, set[str]]


def modules() -> dict[str, str]:
    """Map each module's dotted name to its file, relative to the package."""
    return {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path.relative_to(
            PACKAGE
        ).as_posix()
        for path in MODULES
    }


def file_of(name: str, known: dict[str, str]) -> str | None:
    """Return the file of an imported name: its own if it is a module, else that of its module."""
    return known.get(name) or known.get(name.rpartition(".")[0])


def graph() -> Graph:
    """Map each file to the files that it imports, at any place in it."""
    known = modules()
    found = {
        path.relative_to(PACKAGE).as_posix(): {file_of(name, known) for _, name in imports_of(path)} for path in MODULES
    }
    return {here: {there for there in targets if there} - {here} for here, targets in found.items()}


def find_cycles(edges: Graph) -> list[list[str]]:
    """Return the groups of files that import each other, directly or indirectly."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        to_visit = list(edges[start])
        while to_visit:
            if (here := to_visit.pop()) not in found:
                found.add(here)
                to_visit += edges.get(here, ())
        return found

    reach = {here: reached(here) for here in edges}
    groups = {frozenset(there for there in reach[here] if here in reach.get(there, ())) for here in edges}
    return sorted(sorted(group) for group in groups if group)


def test_there_are_no_import_cycles():
    assert find_cycles(graph()) == [], "mend the circle: move what both need into a third file"


def test_an_import_cycle_is_found():
    assert find_cycles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"e"}}) == [["b", "c"], ["e"]]
    assert find_cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    known = {"deltarule.data": "data/__init__.py", "deltarule.data.user_data": "data/user_data.py"}
    names = ("deltarule.data.user_data", "deltarule.data.user_data.read", "deltarule.data.load", "numpy.array")
    assert [file_of(name, known) for name in names] == [
        "data/user_data.py",
        "data/user_data.py",
        "data/__init__.py",
        None,
    ]


@each_module_inside
def test_the_core_names_no_array_library(path):
    allowed = sys.stdlib_module_names | {"deltarule"} | ({"numpy"} if path.name == "random.py" else set())
    assert [(line, name) for line, name in imports_of(path) if name.split(".")[0] not in allowed] == []


# what arrays of NumPy and JAX can do on their own, and arrays of the standard cannot
METHODS = {
    "all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumsum", "diagonal", "dot", "fill",
    "flatten", "item", "max", "mean", "min", "nonzero", "partition", "prod", "ptp", "put", "ravel", "repeat",
    "reshape", "resize", "round", "searchsorted", "sort", "squeeze", "std", "sum", "swapaxes", "take", "tolist",
    "trace", "transpose", "var", "view", "at", "block_until_ready",
}  # fmt: skip


def find_in_place_writes(tree: ast.AST) -> list[str]:
    """Find array methods in place of functions, and writes in place."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and not is_namespace(node.value):
            found.append((node.lineno, f".{node.attr}"))
        # a place in an array; the forms of an operation are a dictionary
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
            if not (isinstance(node.value, ast.Attribute) and node.value.attr == "forms"):
                found.append((node.lineno, "[...] written to"))
        # x += y changes the array itself; adding to a list is meant
        elif isinstance(node, ast.AugAssign) and not isinstance(node.value, (ast.List, ast.Constant)):
            found.append((node.lineno, "written to in place"))
    return [f"line {line}: {trick}" for line, trick in sorted(found)]


def is_namespace(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "__array_namespace__"
    if isinstance(node, ast.Attribute) and node.attr == "linalg":
        return is_namespace(node.value)
    return isinstance(node, ast.Name) and node.id in ("xp", "np", "numpy", "random")


@each_module_inside
def test_the_core_uses_functions_and_writes_nothing_in_place(path):
    assert find_in_place_writes(tree_of(path)) == []


def test_in_place_writes_are_found():
    text = "x.sum()\nxp.sum(x)\nx.__array_namespace__().sum(x)\nx[0] = 1\nx += y\nxs += [x]\nself.forms['a'] = x"
    assert find_in_place_writes(ast.parse(text)) == [
        "line 1: .sum",
        "line 4: [...] written to",
        "line 5: written to in place",
    ]


PICKLES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "shelve", "marshal"}


def find_pickles(tree: ast.AST) -> list[str]:
    found = [f"line {line}: {name}" for line, name in imports(tree) if name.split(".")[0] in PICKLES]
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                found.append(f"line {node.value.lineno}: allow_pickle")
        elif isinstance(node, ast.Attribute) and node.attr in ("read_pickle", "to_pickle"):
            found.append(f"line {node.lineno}: {node.attr}")
    return found


def test_nothing_reads_or_writes_a_pickle():
    assert find_in_each(ALL_THAT_RUNS, lambda path: find_pickles(tree_of(path))) == {}


def test_pickles_are_found():
    text = "from pickle import loads\nnp.load(f, allow_pickle=True)\nnp.load(f, allow_pickle=False)\nimport dill as d"
    assert sorted(find_pickles(ast.parse(text))) == ["line 1: pickle.loads", "line 2: allow_pickle", "line 4: dill"]


# lazy_loader is a file of pure Python, which the package needs to show its names
NUMPY_ALONE = '''
import sys

KNOWN = {*sys.stdlib_module_names, "numpy", "lazy_loader", "deltarule"}


class Hiding:
    """An importer that finds only known packages, as if the rest were not installed."""

    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return self.finder.find_spec(name, path, target) if name.split(".")[0] in KNOWN else None


before = set(sys.modules)
sys.meta_path[:] = [Hiding(finder) for finder in sys.meta_path]

for absent in "jax scipy sklearn matplotlib typer rich safetensors pooch PIL threadpoolctl".split():
    try:
        __import__(absent)
    except ImportError:
        continue
    raise SystemExit(f"{absent} is still there")

import numpy as np

import deltarule as dr

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, size=(400, 2)).astype(np.float32)
y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)

network = dr.Network([dr.Dense(16), dr.Tanh(), dr.Dropout(0.1), dr.Dense(2)], dr.LogLikelihood(), (2,))
params = network.init(1)
grads = network.gradients(params, x, np.eye(2)[y])
assert [{k: g.shape for k, g in layer.items()} for layer in grads] == [
    {k: p.shape for k, p in layer.items()} for layer in params
]

train = dr.Dataset(x, y, "quadrants")
for engine in ("numpy", "auto"):
    model = dr.fit(network, train, epochs=30, eta=0.5, validation=train, seed=1, engine=engine)
    assert model.accuracy(train) > 0.9, model.accuracy(train)
    assert len(model.history) == 30
    assert model.predict(x[:5]).shape == (5,)

try:
    dr.fit(network, train, epochs=1, engine="jax")
except dr.errors.InvalidArgument as error:
    assert "jax is not installed; install it: pip install 'deltarule[jax]'" in str(error), error
else:
    raise SystemExit("the jax engine ran without jax")

foreign = {name.split(".")[0] for name in set(sys.modules) - before if "cython" not in name} - KNOWN
assert not foreign, foreign
print("learned")
'''


def test_the_base_install_needs_only_numpy():
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", NUMPY_ALONE], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "learned\n", "")
