"""Reading of many pictures into one array, with the damaged ones left out if that is stated."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from math import prod
from pathlib import Path

import numpy as np

from deltarule import limits
from deltarule.data.phrases import count
from deltarule.data.picture_decoding import QUIET
from deltarule.data.picture_names import DRAWINGS
from deltarule.data.picture_reader import format_size, name_files
from deltarule.data.picture_sizes import suggest_size
from deltarule.data.progress import report_pictures
from deltarule.errors import DataError

_FIRST = 16  # pictures by which the time of one is estimated
_SLOW = 0.001  # seconds for a picture: below, threads only wait for each other
_MOST_THREADS = 4
_BLOCK, _SMALL_BLOCK = 256, 8  # pictures between two reports


def read_pictures(
    files: Sequence[Path], read: Callable[[Path], np.ndarray], skip_damaged: bool = False
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read pictures into one array; return it with the files that were kept, (n,) bool, and notes.

    The array, (k, …) uint8 for k kept files in their order, is written in place: there is no second copy. Large
    pictures are read by several threads, small ones by one, which is as fast.

    Args:
        files: The files of the pictures.
        read: The function that reads a file as uint8, of the same shape for all. It may be called in threads.
        skip_damaged: True to leave out files that ``read`` refuses, and count them in the notes.

    Raises:
        DataError: For a damaged file, unless it is left out; if all are damaged; for different shapes; and for more
            bytes than ``limits.PICTURES_BYTES``.

    >>> array, kept, notes = read_pictures([Path("a"), Path("b")], lambda path: np.zeros((2, 3), np.uint8))
    >>> array.shape, kept.tolist(), notes
    ((2, 2, 3), [True, True], ())
    """
    filling = _Filling(files, read)
    with QUIET:
        for done in filling.run():
            report_pictures(done, len(files))
    damaged = [filling.damaged[i] for i in sorted(filling.damaged)]
    if damaged and (not skip_damaged or not filling.kept.any()):
        raise _describe_damaged(damaged, len(files))
    return filling.close(), filling.kept, _describe_left_out([Path(error.path or "") for error in damaged], len(files))


def check_room(place: Path | None, n: int, shape: Sequence[int]) -> None:
    """Raise :class:`DataError` if n pictures of this shape take more than ``limits.PICTURES_BYTES``."""
    if n * prod(shape) > limits.PICTURES_BYTES:
        height, width = shape[:2]
        scale = 64 / max(height, width, 64)
        smaller = max(1, round(height * scale)), max(1, round(width * scale))
        most = f"{limits.PICTURES_BYTES:,} bytes at most"
        raise DataError(
            f"expected pictures that take {most}, got {n:,} pictures of {format_size(shape)}",
            path=place,
            remedy=limits.describe_remedy("PICTURES_BYTES", f"give a smaller size, such as size={smaller}"),
        )


def _describe_left_out(damaged: Sequence[Path], n: int) -> tuple[str, ...]:
    """Describe the files that were left out of n: those that are damaged, and drawings, which have no pixels.

    >>> _describe_left_out([Path("a/1.png"), Path("a/2.svg")], 9)
    ('1 of 8 pictures left out as damaged: a/1.png', '1 drawing passed over, as it has no pixels: a/2.svg')
    """
    drawings = [path for path in damaged if path.suffix.lower() in DRAWINGS]
    others, notes = [path for path in damaged if path.suffix.lower() not in DRAWINGS], []
    if others:
        pictures = count(n - len(drawings), "picture")
        notes.append(f"{len(others):,} of {pictures} left out as damaged: {name_files(others)}")
    if drawings:
        have = "it has" if len(drawings) == 1 else "they have"
        notes.append(f"{count(len(drawings), 'drawing')} passed over, as {have} no pixels: {name_files(drawings)}")
    return tuple(notes)


def _describe_damaged(damaged: Sequence[DataError], n: int) -> DataError:
    """Return the error of the first damaged picture, with the number of the others and what to do."""
    first, others = damaged[0], len(damaged) - 1
    if others == n - 1:
        return first.with_fields(remedy=f"all {n:,} pictures are damaged") if others else first
    also = f"{count(others, 'other picture')} of {n:,} {'is' if others == 1 else 'are'} damaged too: " if others else ""
    ways = [first.remedy, f"{also}leave damaged pictures out with skip_damaged=True"]
    return first.with_fields(remedy="; ".join(filter(None, ways)))


class _Filling:
    """The array that pictures are read into."""

    def __init__(self, files: Sequence[Path], read: Callable[[Path], np.ndarray]) -> None:
        self.files, self.read = files, read
        self.array = np.zeros(0, np.uint8)
        self.first = 0  # the picture that has set the shape
        self.kept = np.zeros(len(files), bool)
        self.damaged: dict[int, DataError] = {}

    def run(self) -> Iterator[int]:
        """Read all pictures; yield the number that are done."""
        n, start = len(self.files), time.perf_counter()
        tried = 0
        while tried < n and not (tried >= _FIRST and self.kept.any()):  # until the shape is known
            self.fill(range(tried, tried + 1))
            tried += 1
        yield tried
        workers = min(os.cpu_count() or 1, _MOST_THREADS)
        if workers > 1 and (time.perf_counter() - start) / max(tried, 1) > _SLOW and tried < n:
            blocks = _divide(tried, n, _SMALL_BLOCK)
            yield from self._fill_by_threads(blocks, workers)
            return
        for block in _divide(tried, n, _BLOCK):
            self.fill(block)
            yield block.stop

    def _fill_by_threads(self, blocks: Iterator[range], workers: int) -> Iterator[int]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            running = [pool.submit(self.fill, block) for block in islice(blocks, 2 * workers)]
            while running:
                yield running.pop(0).result()
                running += [pool.submit(self.fill, block) for block in islice(blocks, 1)]

    def fill(self, positions: range) -> int:
        """Read the pictures at these positions; return the position after them."""
        files, read, kept = self.files, self.read, self.kept
        for i in positions:
            try:
                picture = read(files[i])
            except DataError as error:
                self.damaged[i] = error
                continue
            if not self.array.size:
                check_room(files[i].parent.parent, len(files), picture.shape)
                self.array, self.first = np.empty((len(files), *picture.shape), np.uint8), i
            if picture.shape != self.array.shape[1:]:
                raise self._describe_sizes(files[i], picture.shape)
            self.array[i] = picture
            kept[i] = True
        return positions.stop

    def close(self) -> np.ndarray:
        """Move the pictures that are kept to the front, and return them."""
        positions = np.flatnonzero(self.kept)
        if len(positions) < len(self.files):
            for i, position in enumerate(positions.tolist()):
                self.array[i] = self.array[position]
        return self.array[: len(positions)]

    def _describe_sizes(self, path: Path, shape: Sequence[int]) -> DataError:
        first, size = self.files[self.first], suggest_size(self.files)
        expected = f"{format_size(self.array.shape[1:3])} pixels as in {first}"
        return DataError(
            f"expected {expected}, got {format_size(shape[:2])}",
            path=path,
            remedy=f"resize all pictures, for example with size={size}",
        )


def _divide(start: int, stop: int, size: int) -> Iterator[range]:
    return (range(at, min(at + size, stop)) for at in range(start, stop, size))


def permute(array: np.ndarray, order: Iterable[int]) -> None:
    """Put the rows of an array into this order, in place.

    >>> array = np.array([10, 11, 12, 13])
    >>> permute(array, [3, 0, 2, 1])
    >>> array.tolist()
    [13, 10, 12, 11]
    """
    sources = list(order)
    for start in range(len(sources)):
        if sources[start] in (start, -1):
            continue
        first, at = array[start].copy(), start
        while (source := sources[at]) != start:
            array[at], sources[at] = array[source], -1
            at = source
        array[at], sources[at] = first, -1
