"""The API reference: a page for each topic, with every public name on one of them."""

import importlib
import inspect
import pkgutil
import re
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.logging import getLogger

import deltarule

LOGGER = getLogger(__name__)

PAGES = {
    "networks": ("Networks, layers and activations", "core.network core.layer core.layers core.activations "
                 "core.convolution core.pooling core.normalization"),
    "memory": ("Networks with memory", "core.recurrent core.lstm core.gru core.steps core.sequences"),
    "generation": ("Networks that generate", "core.rbm core.belief_network core.latent training.pretraining"),
    "costs": ("Costs", "core.costs core.step_costs"),
    "initializers": ("First weights", "core.initializers initializers"),
    "optimizers": ("Optimizers and regularizers", "core.optimizers core.regularizers"),
    "schedules": ("Learning-rate schedules", "core.schedules schedules"),
    "training": ("Training", "training.fit training.training engines.execution training.resume training.many "
                 "training.ensembles training.eta_range"),
    "callbacks": ("Callbacks", "training.callbacks callbacks"),
    "data": ("Data sets", "data.dataset data data.encodings encodings augmentation"),
    "preprocessing": ("Preprocessing", "preprocessing"),
    "models": ("Models and ensembles", "models.model models.ensemble models.history models.loading"),
    "exchange": ("Exchange with other libraries", "exchange"),
    "sklearn": ("Estimators for scikit-learn", "sklearn"),
    "calculus": ("Derivatives", "core.gradcheck calculus"),
    "recipes": ("Recipes", "recipes"),
    "plotting": ("Figures", "plotting"),
    "digit_strings": ("Rows of digits", "digit_strings"),
    "experiments": ("Experiments", "experiments.api"),
    "errors": ("Errors", "errors"),
}  # fmt: skip
"""For each page its title, and the modules whose public names stand on it."""

MODULES = (
    "augmentation", "calculus", "callbacks", "data", "digit_strings", "encodings", "errors", "exchange",
    "experiments.api", "initializers", "plotting", "preprocessing", "recipes", "schedules", "sklearn", "",
)  # fmt: skip
"""The public modules, the package itself last; a name that several of them have is documented in the first."""


class Name(NamedTuple):
    """A public name: the module it is imported from, what it names, and the module that defines it."""

    module: str
    name: str
    value: Any
    defined_in: str


def list_names() -> list[Name]:
    """List every public name once."""
    found: dict[int, Name] = {}
    for part in MODULES:
        module = importlib.import_module(f"deltarule.{part}".rstrip("."))
        for name in module.__all__:
            value = getattr(module, name)
            if not inspect.ismodule(value):
                defined_in = getattr(value, "__module__", None) or module.__name__
                found.setdefault(id(value), Name(module.__name__, name, value, defined_in))
    return list(found.values())


def find_page(name: Name) -> tuple[str, int]:
    """Find the page of a name, and the place of its module on that page.

    Raises ExtensionError for a name whose module has no page.
    """
    home = name.defined_in if name.module == "deltarule" else name.module
    for page, (_, modules) in PAGES.items():
        if (part := home.removeprefix("deltarule.")) in modules.split():
            return page, modules.split().index(part)
    raise ExtensionError(f"{name.module}.{name.name}: give {home} a page in docs/extensions/reference_pages.py")


def find_value_docs() -> dict[str, str]:
    """Find the docstrings below assignments in all modules, by the names of the values."""
    docs: dict[str, str] = {}
    for info in pkgutil.walk_packages(deltarule.__path__, "deltarule."):
        if ".lessons" not in info.name and not info.name.endswith("__main__"):
            for (scope, name), lines in ModuleAnalyzer.for_module(info.name).find_attr_docs().items():
                if not scope:
                    docs.setdefault(name, "\n   ".join(lines))
    return docs


def document(name: Name, value_docs: dict[str, str]) -> str:
    """Document a name in reStructuredText. Raises ExtensionError where it has no docstring or no example."""
    full = f"{name.module}.{name.name}"
    if not (inspect.isclass(name.value) or inspect.isroutine(name.value)):
        if name.name not in value_docs:
            raise ExtensionError(f"{full}: expected a docstring below its assignment")
        text = f".. py:data:: {full}\n\n   {value_docs[name.name]}\n"
        # outside of any module, as viewcode would look for the source of the value's type
        return f".. py:currentmodule:: None\n\n{text}\n.. py:currentmodule:: {name.module}\n"
    if ">>> " not in (inspect.getdoc(name.value) or ""):
        raise ExtensionError(f"{full}: expected a docstring with an example that runs")
    alias = (
        f"\n   Also ``deltarule.{name.name}``.\n"
        if name.module != "deltarule" and hasattr(deltarule, name.name)
        else ""
    )
    if inspect.isclass(name.value) and name.module == "deltarule.sklearn":
        # with fit, but without what scikit-learn adds and documents
        requests = [method for method in dir(name.value) if method.endswith("_request")]
        return (
            f".. autoclass:: {full}\n   :members:\n"
            "   :inherited-members: Parameters, ClassifierMixin, RegressorMixin\n"
            f"   :exclude-members: {', '.join([*requests, 'get_metadata_routing'])}\n"
        )
    if inspect.isclass(name.value):
        return f".. autoclass:: {full}\n   :members:\n{alias}"
    return f".. autofunction:: {full}\n{alias}"


def write_pages(app: Sphinx) -> None:
    """Write the pages of the reference, and warn of each public name without a page, a docstring or an example."""
    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    value_docs = find_value_docs()
    parts: dict[str, list[str]] = {page: [title, "=" * len(title), ""] for page, (title, _) in PAGES.items()}
    for part in MODULES:
        module = f"deltarule.{part}".rstrip(".")
        home = next((page for page, (_, modules) in PAGES.items() if part in modules.split()), "networks")
        parts[home] += [f".. py:module:: {module}", ""]
    entries = []
    for name in list_names():
        try:
            entries.append((find_page(name), document(name, value_docs)))
        except ExtensionError as error:
            LOGGER.warning(str(error))
    for (page, _), text in sorted(entries, key=itemgetter(0)):
        parts[page].append(text)
    for page, lines in parts.items():
        (folder / f"{page}.rst").write_text("\n".join(lines), encoding="utf-8")


def resolve_short_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.Element
) -> nodes.Node | None:
    """Link a name without its module, or with the module that defines it, to the one public object so called.

    What exists but is not public, or belongs to another library, is shown as text; anything else is left to warn.
    """
    if node["refdomain"] != "py":
        return None
    target, domain = node["reftarget"], env.domains.python_domain
    objects = domain.objects.items()
    for ending in (target.rpartition(".")[2], ".".join(target.split(".")[-2:])):
        found = [name for name, entry in objects if f".{name}".endswith(f".{ending}") and not entry.aliased]
        if len(found) == 1:
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, shown)
    is_annotation = "refexplicit" not in node
    return shown if is_annotation or is_importable(target) else None


def shorten_defaults(
    app: Sphinx, what: str, name: str, value: Any, options: Any, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """Show ``...`` for a default that is not an expression, such as ``<factory>``; Sphinx could not parse it."""
    return signature and re.sub(r"<(factory|[\w.]+ object)>", "...", signature), returned


def is_importable(name: str) -> bool:
    """Tell whether a dotted name, such as ``deltarule.core.random``, exists."""
    try:
        pkgutil.resolve_name(name)
    except (AttributeError, ImportError, ValueError):
        return False
    return True


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before the documents are read, and resolve names that docstrings shorten."""
    app.connect("builder-inited", write_pages)
    app.connect("missing-reference", resolve_short_name)
    app.connect("autodoc-process-signature", shorten_defaults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
