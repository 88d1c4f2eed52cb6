"""What ``--expand`` says: copies made once, distortions drawn for each mini-batch, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from deltarule.cli.option_errors import part_of, refuse
from deltarule.core.augmentation import Augmentation
from deltarule.core.distortions import Affine, Chain, Elastic, Shift

FIXED = "shifts"
DRAWN: Mapping[str, Any] = {"shift": Shift, "affine": Affine, "elastic": Elastic}


@dataclass(frozen=True)
class Expanded:
    """``pixels``: by how much to shift copies made once, or None. ``augmentation``: for ``fit``, or None."""

    pixels: int | None = None
    augmentation: Augmentation | None = None


def parse(text: str) -> Expanded:
    """What a text such as ``shifts`` or ``affine:rotation=10,shift=2+elastic:alpha=34,sigma=4`` means.

    Raises :class:`InvalidArgument` that names the part, the field or the value that is invalid.

    >>> parse("shifts")
    Expanded(pixels=1, augmentation=None)
    >>> parse("affine:rotation=10").augmentation
    Affine(rotation=10, shift=0.0, scale=0.0, skew=0.0)
    """
    pixels, drawn = None, []
    for part in text.split("+"):
        name, colon, rest = part.strip().partition(":")
        if name != FIXED and name not in DRAWN:
            raise refuse("--expand", text, f"{FIXED}, {', '.join(DRAWN)}, joined by +, where {name!r} stands")
        kind: Any = Shift if name == FIXED else DRAWN[name]
        given = _numbers(text, name, [field.name for field in fields(kind)], rest if colon else None)
        if kind is Affine and not given:
            raise refuse("--expand", text, "affine with how far it may go, such as affine:rotation=10,shift=2")
        with part_of("--expand", text):
            distortion = kind(**given)
        if name != FIXED:
            drawn.append(distortion)
        elif pixels is not None:
            raise refuse("--expand", text, f"{FIXED} once")
        elif distortion.pixels < 1:
            raise refuse("--expand", text, f"{FIXED} with pixels from 1")
        else:
            pixels = distortion.pixels
    return Expanded(pixels, None if not drawn else drawn[0] if len(drawn) == 1 else Chain(drawn))


def _numbers(text: str, name: str, known: list[str], rest: str | None) -> dict[str, int | float]:
    found: dict[str, int | float] = {}
    for setting in [] if rest is None else rest.split(","):
        field, _, value = (piece.strip() for piece in setting.partition("="))
        if field not in known:
            raise refuse("--expand", text, f"{name} with {', '.join(f'{k}=…' for k in known)}, where {field!r} stands")
        if field in found:
            raise refuse("--expand", text, f"{field} of {name} once")
        found[field] = _number(text, field, value)
    return found


def _number(text: str, field: str, value: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    raise refuse("--expand", text, f"a number for {field}, where {value!r} stands")
