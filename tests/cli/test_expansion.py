"""The option --expand: its texts, and the errors of invalid texts."""

from __future__ import annotations

import pytest
from tests.fields import has

from deltarule.cli.augmentation import Expansion, parse
from deltarule.core.distortions import Affine, Chain, Elastic, Shift
from deltarule.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "expansion"),
    [
        ("shifts", Expansion(1)),
        ("shifts:pixels=2", Expansion(2)),
        ("shift:pixels=2", Expansion(augmentation=Shift(2))),
        ("affine:rotation=10,shift=2,scale=0.1", Expansion(augmentation=Affine(10, 2, 0.1))),
        ("elastic", Expansion(augmentation=Elastic())),
        (" elastic : alpha = 8".replace(" :", ":"), Expansion(augmentation=Elastic(8))),
        (
            "shifts + affine:skew=1e-1+elastic:alpha=8,sigma=4",
            Expansion(1, Chain([Affine(skew=0.1), Elastic(8, 4)])),
        ),
    ],
)
def test_parse_returns_copies_and_distortions(text, expansion):
    assert parse(text) == expansion


NAMES = "one of shifts, shift, affine, elastic, or several joined by +"


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("", "", NAMES),
        ("twirl:turns=2", "twirl", NAMES),
        ("shifts+", "", NAMES),
        ("affine", "affine", "affine with its largest changes, such as affine:rotation=10,shift=2"),
        ("affine:", "", "affine with rotation=…, shift=…, scale=…, skew=…"),
        ("affine:angle=3", "angle", "affine with rotation=…, shift=…, scale=…, skew=…"),
        ("affine:rotation", "", "a number for rotation"),
        ("affine:rotation=ten", "ten", "a number for rotation"),
        ("affine:rotation=1,rotation=2", "rotation=1,rotation=2", "rotation of affine only once"),
        ("shifts:pixels=0", "shifts:pixels=0", "shifts by 1 pixel or more"),
        ("shifts+shifts", "shifts+shifts", "shifts only once"),
    ],
)
def test_an_invalid_text_is_refused(text, value, expected):
    with pytest.raises(InvalidArgument, check=has(argument="--expand", value=value, expected=expected)):
        parse(text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("affine:rotation=nan", "rotation"),
        ("affine:scale=1", "scale"),
        ("elastic:sigma=0", "sigma"),
        ("shift:pixels=1.5", "pixels"),
    ],
)
def test_an_invalid_number_is_refused_by_its_field(text, field):
    with pytest.raises(InvalidArgument, check=has(argument="--expand", value=text)) as raised:
        parse(text)
    assert raised.value.expected.startswith(f"{field} as a ")
