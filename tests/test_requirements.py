"""Every import has a requirement, in the base or an extra, and every requirement a version in constraints.txt."""

from __future__ import annotations

import re
import sys
import tomllib

from test_architecture import MODULES, ROOT, imports_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_USERS = ("jax", "lab", "experiments", "cluster", "tables", "hdf5", "heic", "onnx", "sklearn")

# where a package is imported by another name, or comes with the one that is required
BY_IMPORT = {
    "PIL": "pillow",
    "pillow_heif": "pillow-heif",
    "sklearn": "scikit-learn",
    "zmq": "pyzmq",
    "jaxlib": "jax",
    "markupsafe": "jinja2",
    "traitlets": "anywidget",
    "lazy_loader": "lazy-loader",
}

# IPython is imported only in a notebook that runs it, pandas only for a frame that the user asks for
OPTIONAL = {"IPython", "pandas"}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=]", requirement)[0] for requirement in requirements}


def test_every_import_has_a_requirement():
    imported = {name.split(".")[0] for path in MODULES for _, name in imports_of(path)}
    foreign = imported - set(sys.stdlib_module_names) - {"deltarule"} - OPTIONAL
    required = names(PROJECT["dependencies"]).union(*(names(EXTRAS[extra]) for extra in FOR_USERS))
    assert {BY_IMPORT.get(name, name) for name in foreign} == required


def test_every_requirement_has_its_version():
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    constrained = {line.split("==")[0].lower().replace("_", "-") for line in constraints.splitlines() if "==" in line}
    required = names(PROJECT["dependencies"]).union(*map(names, EXTRAS.values())) - {"deltarule"}
    assert required <= constrained
