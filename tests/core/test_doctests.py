"""The core has examples; pytest runs the doctests of all of ``src``."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import deltarule.core

MODULES = [f"deltarule.core.{module.name}" for module in pkgutil.iter_modules(deltarule.core.__path__)]


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name))]
    assert sum(len(test.examples) for test in found) > 50
