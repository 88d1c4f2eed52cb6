"""The text of ``--expand``: copies made once, distortions for each mini-batch, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from deltarule.cli.option_errors import option_error, report_as_part
from deltarule.core.augmentation import Augmentation
from deltarule.core.distortions import Affine, Chain, Elastic, Shift

COPIES = "shifts"
DISTORTIONS: Mapping[str, Any] = {"shift": Shift, "affine": Affine, "elastic": Elastic}


@dataclass(frozen=True)
class Expansion:
    """The meaning of a text of ``--expand``.

    ``pixels`` is how far the copies that are made once are shifted, or None; ``augmentation`` is for ``fit``, or None.
    """

    pixels: int | None = None
    augmentation: Augmentation | None = None


def parse(text: str) -> Expansion:
    """Parse a text such as ``shifts`` or ``affine:rotation=10,shift=2+elastic:alpha=34,sigma=4``.

    Raises :class:`InvalidArgument` that names the part, the field or the value that is invalid.

    >>> parse("shifts")
    Expansion(pixels=1, augmentation=None)
    >>> parse("affine:rotation=10").augmentation
    Affine(rotation=10, shift=0.0, scale=0.0, skew=0.0)
    """
    pixels, distortions = None, []
    for part in text.split("+"):
        name, colon, rest = part.strip().partition(":")
        if name != COPIES and name not in DISTORTIONS:
            raise option_error("--expand", name, f"one of {COPIES}, {', '.join(DISTORTIONS)}, or several joined by +")
        kind: Any = Shift if name == COPIES else DISTORTIONS[name]
        values = _parse_fields(name, [field.name for field in fields(kind)], rest if colon else None)
        if kind is Affine and not values:
            raise option_error("--expand", text, "affine with its largest changes, such as affine:rotation=10,shift=2")
        with report_as_part("--expand", text):
            distortion = kind(**values)
        if name != COPIES:
            distortions.append(distortion)
        elif pixels is not None:
            raise option_error("--expand", text, f"{COPIES} only once")
        elif distortion.pixels < 1:
            raise option_error("--expand", text, f"{COPIES} by 1 pixel or more")
        else:
            pixels = distortion.pixels
    if len(distortions) > 1:
        return Expansion(pixels, Chain(distortions))
    return Expansion(pixels, distortions[0] if distortions else None)


def _parse_fields(name: str, known: list[str], rest: str | None) -> dict[str, int | float]:
    values: dict[str, int | float] = {}
    for setting in [] if rest is None else rest.split(","):
        field, _, value = (piece.strip() for piece in setting.partition("="))
        if field not in known:
            raise option_error("--expand", field, f"{name} with {', '.join(f'{k}=…' for k in known)}")
        if field in values:
            raise option_error("--expand", rest, f"{field} of {name} only once")
        values[field] = _parse_number(field, value)
    return values


def _parse_number(field: str, value: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    raise option_error("--expand", value, f"a number for {field}")
