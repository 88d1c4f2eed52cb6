"""The text of --expand."""

from __future__ import annotations

import doctest

import pytest

from deltarule.cli import augmentation
from deltarule.cli.augmentation import Expanded, parse
from deltarule.core.distortions import Affine, Chain, Elastic, Shift
from deltarule.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("shifts", Expanded(1)),
        ("shifts:pixels=2", Expanded(2)),
        ("shift:pixels=2", Expanded(augmentation=Shift(2))),
        ("affine:rotation=10,shift=2,scale=0.1", Expanded(augmentation=Affine(10, 2, 0.1))),
        ("elastic", Expanded(augmentation=Elastic())),
        (" elastic : alpha = 8".replace(" :", ":"), Expanded(augmentation=Elastic(8))),
        (
            "shifts + affine:skew=1e-1+elastic:alpha=8,sigma=4",
            Expanded(1, Chain([Affine(skew=0.1), Elastic(8, 4)])),
        ),
    ],
)
def test_texts(text, meant):
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "shifts, shift, affine, elastic, joined by +, where '' stands"),
        ("twirl:turns=2", "where 'twirl' stands"),
        ("shifts+", "where '' stands"),
        ("affine", "affine with how far it may go"),
        ("affine:", "rotation=…, shift=…, scale=…, skew=…, where '' stands"),
        ("affine:angle=3", "where 'angle' stands"),
        ("affine:rotation", "a number for rotation, where '' stands"),
        ("affine:rotation=ten", "a number for rotation, where 'ten' stands"),
        ("affine:rotation=nan", "rotation as a number from 0"),
        ("affine:rotation=1,rotation=2", "rotation of affine once"),
        ("affine:scale=1", "scale as a number from 0 and below 1"),
        ("elastic:sigma=0", "sigma as a number above 0"),
        ("shift:pixels=1.5", "pixels as a whole number from 0"),
        ("shifts:pixels=0", "shifts with pixels from 1"),
        ("shifts+shifts", "shifts once"),
    ],
)
def test_texts_that_cannot_be_meant(text, says):
    with pytest.raises(InvalidArgument) as raised:
        parse(text)
    assert (raised.value.argument, raised.value.value) == ("--expand", text)
    assert says in raised.value.expected


def test_examples():
    tried = doctest.testmod(augmentation)
    assert tried.attempted > 0
    assert tried.failed == 0
