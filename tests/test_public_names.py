"""The public names: few, and including the protocols for users' own parts."""

from __future__ import annotations

from types import ModuleType

import deltarule as dr

NAMES = [name for name in dr.__all__ if not isinstance(getattr(dr, name), ModuleType)]


def test_there_are_at_most_64_public_names():
    assert len(NAMES) <= 64


def test_the_protocols_are_public():
    protocols = {
        *("Layer", "Activation", "Cost", "Optimizer", "Regularizer", "Schedule", "Initializer"),
        *("Callback", "Encoding"),
    }
    assert protocols - set(NAMES) == set()


def test_public_names_equal_the_names_of_their_objects():
    assert [name for name in NAMES if getattr(dr, name).__name__ != name] == []
