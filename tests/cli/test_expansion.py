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
        ("", "'' is not known; choose shifts, shift, affine, elastic"),
        ("twirl:turns=2", "'twirl' is not known"),
        ("shifts+", "'' is not known"),
        ("affine", "say how far affine may go"),
        ("affine:", "affine has no ''; it takes rotation=…, shift=…, scale=…, skew=…"),
        ("affine:angle=3", "affine has no 'angle'"),
        ("affine:rotation", "rotation takes a number, not ''"),
        ("affine:rotation=ten", "rotation takes a number, not 'ten'"),
        ("affine:rotation=nan", "rotation of Affine: expected a number from 0, got nan"),
        ("affine:rotation=1,rotation=2", "affine has rotation twice"),
        ("affine:scale=1", "scale of Affine: expected"),
        ("elastic:sigma=0", "sigma of Elastic: expected a number above 0"),
        ("shift:pixels=1.5", "pixels of Shift: expected a whole number from 0"),
        ("shifts:pixels=0", "shifts takes pixels from 1"),
        ("shifts+shifts", "shifts may stand there once"),
    ],
)
def test_texts_that_cannot_be_meant(text, says):
    with pytest.raises(InvalidArgument) as raised:
        parse(text)
    assert str(raised.value).startswith(f"--expand {text}: ")
    assert says in str(raised.value)


def test_examples():
    tried = doctest.testmod(augmentation)
    assert tried.attempted > 0
    assert tried.failed == 0
