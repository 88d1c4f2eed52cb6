"""``from deltarule.x import *`` works for every package and module with ``__all__``."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

import deltarule

PACKAGES = [
    "deltarule",
    *(found.name for found in pkgutil.walk_packages(deltarule.__path__, "deltarule.") if found.ispkg),
]


@pytest.mark.parametrize("package", PACKAGES)
def test_star_import(package):
    names: dict[str, object] = {}
    exec(f"from {package} import *", names)
    offered = getattr(import_module(package), "__all__", [])
    assert set(offered) <= set(names)
    assert len(offered) == len(set(offered))


def test_every_name_in_all_exists():
    for found in pkgutil.walk_packages(deltarule.__path__, "deltarule."):
        if not found.name.endswith("__main__"):
            module = import_module(found.name)
            assert [name for name in getattr(module, "__all__", []) if not hasattr(module, name)] == [], found.name
