"""A reader of the pictures of one folder, which remembers what it found in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deltarule.data.grayscale import Picture, convert_picture, resize
from deltarule.data.phrases import count, elide
from deltarule.data.picture_names import find_part
from deltarule.data.picture_range import Range


@dataclass(eq=False)
class PictureReader:
    """A function that reads the file of a picture, in grey or in colour, and resizes it.

    Args:
        size: The (height, width) of all; None to keep the size of each.
        colour: True for red, green and blue.

    >>> import tempfile
    >>> from PIL import Image
    >>> read = PictureReader((2, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "red.png")
    ...     Image.new("RGB", (2, 2), "red").save(path)
    ...     read(path).tolist(), read.describe(1)
    ([[76, 76], [76, 76]], ('1 of 1 picture is in colour and read as grey; colour=True keeps the colours',))
    """

    size: tuple[int, int] | None = None
    colour: bool = False
    shapes: set[tuple[int, ...]] = field(default_factory=set)
    coloured: set[Path] = field(default_factory=set)
    stencils: set[Path] = field(default_factory=set)
    several: set[Path] = field(default_factory=set)
    ranges: dict[str, dict[Path, Range]] = field(default_factory=lambda: defaultdict(dict))

    def __call__(self, path: Path, range: Range | None = None) -> np.ndarray:
        """Read a picture; numbers that are no bytes are scaled by ``range``, or by their own range."""
        return self.add(path, convert_picture(path, self.colour, range))

    def add(self, path: Path, picture: Picture) -> np.ndarray:
        """Remember what was found in a picture, and return its pixels in the size of all."""
        pixels = picture.pixels
        if picture.range is not None:
            self.ranges[picture.kind][path] = picture.range
        if picture.is_coloured:
            self.coloured.add(path)
        if picture.is_stencil:
            self.stencils.add(path)
        if picture.has_more_frames:
            self.several.add(path)
        self.shapes.add(pixels.shape[:2])
        return pixels if self.size in (None, pixels.shape[:2]) else resize(pixels, self.size)

    def find_ranges(self) -> dict[Path, Range]:
        """Find the pictures that must be scaled by another range than their own, so that all are scaled alike."""
        common = {kind: Range.join(ranges.values()) for kind, ranges in self.ranges.items()}
        return {
            path: common[kind]
            for kind, ranges in self.ranges.items()
            for path, own in ranges.items()
            if own != common[kind]
        }

    def find_common_range(self) -> Range:
        """Find the range of the pictures whose numbers are no bytes, if they are of one kind; otherwise that of bytes.

        >>> PictureReader().find_common_range()
        Range(low=0, high=255)
        """
        ranges = [Range.join(ranges.values()) for ranges in self.ranges.values()]
        return ranges[0] if len(ranges) == 1 else Range(0, 255)

    def describe(self, n: int) -> tuple[str, ...]:
        """Describe what was found in n pictures."""
        notes = []
        if self.size is not None and (others := self.shapes - {self.size}):
            sizes = [format_size(shape) for shape in sorted(others)]
            notes.append(f"pictures of {elide(sizes, 4)} are resized to {format_size(self.size)}")
        if k := len(self.coloured):
            are = "are" if k > 1 else "is"
            notes.append(f"{_share(k, n)} {are} in colour and read as grey; colour=True keeps the colours")
        if k := len(self.stencils):
            are = "are" if k > 1 else "is"
            notes.append(f"{_share(k, n)} {are} drawn in the transparency alone, which is read as black ink on white")
        for kind, ranges in self.ranges.items():
            low, high = Range.join(ranges.values())
            has = "have" if len(ranges) > 1 else "has"
            notes.append(f"{_share(len(ranges), n)} {has} {kind}: from {low:g} to {high:g} becomes 0 to 255")
        if k := len(self.several):
            have = "have" if k > 1 else "has"
            named = name_files(self.several)
            notes.append(f"{_share(k, n)} {have} several frames or pages, of which the first is read: {named}")
        return tuple(notes)


def format_size(shape: Sequence[int]) -> str:
    """Format the (height, width) of a picture.

    >>> format_size((28, 20))
    '28×20'
    """
    return "×".join(map(str, shape))


def name_files(paths: Sequence[Path] | set[Path], most: int = 3) -> str:
    """Name some files by their class and name, and by their part if they are in one.

    >>> name_files([Path("shapes/a/1.png"), Path("shapes/test/b/1.png")])
    'a/1.png, test/b/1.png'
    """
    names = []
    for path in sorted(paths):
        depth = 3 if find_part(path.parent.parent.name) else 2
        names.append("/".join(path.parts[-depth:]))
    return elide(names, most)


def _share(k: int, n: int) -> str:
    return f"{k:,} of {count(n, 'picture')}"
