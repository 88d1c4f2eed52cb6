"""The sizes of pictures by the headers of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

from deltarule.data.picture_decoding import decode
from deltarule.errors import DeltaruleError

_MOST_FILES = 2000
_LONGEST = 128  # pixels of the longer side: larger pictures take a network long


def suggest_size(files: Sequence[Path]) -> tuple[int, int]:
    """Suggest a (height, width) for pictures of several sizes: the one of most, or the median, but not above 128.

    >>> suggest_size([])
    (28, 28)
    """
    sizes: list[tuple[int, int]] = []
    for path in files[:: len(files) // _MOST_FILES + 1]:
        with suppress(DeltaruleError):
            sizes.append(decode(path, lambda image: (image.height, image.width)))
    if not sizes:
        return 28, 28
    (size, n), *_ = Counter(sizes).most_common(1)
    if 2 * n <= len(sizes):
        height, width = zip(*sizes, strict=True)
        size = round(median(height)), round(median(width))
    scale = min(1.0, _LONGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
