"""What is refused is told as the option that gave it."""

from __future__ import annotations

import doctest

import pytest

from deltarule.cli import refusals
from deltarule.cli.refusals import told_as, with_dashes
from deltarule.errors import DataError, InvalidArgument


def test_the_object_that_nobody_wrote_is_left_out():
    said = "ExponentialMovingAverage(optimizer=SGD(), decay=1.0): decay must be below 1 (of Python)"
    with (
        pytest.raises(InvalidArgument, match=r"^--average 1: decay must be below 1 \(of Python\)$"),
        told_as("--average 1"),
    ):
        raise InvalidArgument(said)


def test_other_errors_stay_as_they_are():
    with pytest.raises(DataError, match=r"^devices"), with_dashes(["devices"]):
        raise DataError("devices 3: none")
    with pytest.raises(InvalidArgument, match=r"^processes"), with_dashes(["process"]):
        raise InvalidArgument("processes 3: none")


def test_examples():
    tried = doctest.testmod(refusals)
    assert tried.attempted > 0
    assert tried.failed == 0
