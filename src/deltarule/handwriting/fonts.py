"""Handwriting fonts: their names, and their division into fonts to train on and fonts held out for the measurement.

The fonts are free (SIL Open Font License or Apache License) and not part of deltarule;
``python -m tools.handwriting_fonts FOLDER`` downloads them.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from deltarule.data.error_context import reading
from deltarule.errors import DataError

_LINES = Path(__file__).with_name("fonts.txt").read_text("ascii").splitlines()

FONTS: dict[str, str] = dict(line.split() for line in _LINES)
"""The names of the fonts, which look written by hand, and the versions of their packages.

Script fonts with ornaments are left out.
"""

HANDS = {
    "playwrite": ("playwrite",),
    "edu": ("edu",),
    "caveat": ("caveat",),
    "nanum": ("nanum",),
    "klee": ("klee-one", "zen-kurenaido", "yomogi"),
}
"""The beginnings of the names of fonts by one hand, or alike; they are all trained on or all held out."""


def is_held_out(name: str) -> bool:
    """Return whether a font is held out: a quarter of the hands is, by a hash of the name.

    >>> sum(map(is_held_out, FONTS)), is_held_out("schoolbell"), is_held_out("caveat")
    (21, True, False)
    """
    hand = next((hand for hand, beginnings in HANDS.items() if name.startswith(beginnings)), name)
    return int.from_bytes(blake2b(hand.encode(), digest_size=4).digest(), "big") % 4 == 0


def find_fonts(folder: Path, held_out: bool = False) -> list[Path]:
    """Find the fonts in a folder, each named like ``caveat.woff``, that are held out or not.

    Raises :class:`DataError` if one is missing.
    """
    with reading(folder):
        files = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in (".woff", ".ttf", ".otf")}
    if missing := [name for name in FONTS if name not in files]:
        expected = f"the {len(FONTS)} handwriting fonts"
        remedy = f"download them: python -m tools.handwriting_fonts {folder}"
        raise DataError(path=folder, expected=expected, value=f"a folder without {missing[0]}", remedy=remedy)
    return [files[name] for name in FONTS if is_held_out(name) == held_out]
