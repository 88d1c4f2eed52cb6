"""The doctests of the core."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import deltarule.core

MODULES = [f"deltarule.core.{module.name}" for module in pkgutil.iter_modules(deltarule.core.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_there_are_examples():
    assert sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES) > 50
