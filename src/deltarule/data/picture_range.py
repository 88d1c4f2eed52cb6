"""The range of a picture's numbers, and its conversion to bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from deltarule.errors import DataError

BITS = (8, 10, 12, 14, 16)
"""The bits of cameras and scanners, whose files have 16 bits for each of these."""

LARGEST = 1e30
"""The largest grey of a picture. Marks for missing pixels are larger, such as the largest float32 in a TIFF."""

_BAND = 2**22  # numbers that are scaled at a time
_LEAST_CONTRAST = 1 / 16  # of the range; less would leave 16 of 256 greys


class Range(NamedTuple):
    """The numbers that become 0 and 255."""

    low: float
    high: float

    @classmethod
    def of(cls, values: np.ndarray) -> Range | None:
        """Find the range of a picture's numbers; None for bytes and truth values, which have their own.

        Numbers of 16 bits range from 0 to the largest of the bits that hold them, such as 1023 or 4095; if they fill
        less than a sixteenth of it, from the smallest to the largest. Other numbers always do.

        Raises:
            DataError: For NaN, infinity and marks for missing pixels, which have no place in a range.

        >>> Range.of(np.array([[0, 900]], np.uint16)), Range.of(np.array([[-0.5, 2.0]]))
        (Range(low=0.0, high=1023.0), Range(low=-0.5, high=2.0))
        """
        if values.dtype == np.bool_ or values.dtype == np.uint8:
            return None
        if values.dtype.kind == "f":
            _check_greys(values)
        low, high = float(values.min()), float(values.max())
        if values.dtype != np.uint16:
            return cls(low, high)
        top = next(2.0**bits - 1 for bits in BITS if high < 2**bits)
        return cls(low, high) if 0 < high - low < top * _LEAST_CONTRAST else cls(0.0, top)

    @classmethod
    def join(cls, ranges: Iterable[Range]) -> Range:
        """Return the range that holds several, for pictures that are to be compared.

        >>> Range.join([Range(0, 1023), Range(0, 4095)])
        Range(low=0, high=4095)
        """
        lows, highs = zip(*ranges, strict=True)
        return cls(min(lows), max(highs))

    def holds(self, other: Range) -> bool:
        """Return True if this range can be that of another picture: both of 16 bits or both not, and one in the other.

        >>> twelve_bits = Range(0, 4095)
        >>> [twelve_bits.holds(other) for other in (Range(0, 1023), Range(0, 65535), Range(0, 1))]
        [True, False, False]
        """
        is_inside = self.low <= other.low and other.high <= self.high
        return is_inside and self._is_of_16_bits() == other._is_of_16_bits()

    def _is_of_16_bits(self) -> bool:
        return self.low >= 0 and 255 <= self.high < 2**16 and self.low % 1 == self.high % 1 == 0

    def convert(self, values: np.ndarray) -> np.ndarray:
        """Convert numbers to bytes; those beyond the range become 0 or 255.

        >>> Range(0, 1023).convert(np.array([0, 512, 1023, 2000], np.uint16)).tolist()
        [0, 128, 255, 255]
        """
        if values.dtype == np.uint16:  # a table is quicker, and takes little memory
            return np.asarray(self._scale(np.arange(2**16))[values])
        return self._scale(values)

    def _scale(self, values: np.ndarray) -> np.ndarray:
        if values.ndim < 2 or values.size <= _BAND:
            return self._scale_band(values)
        scaled, rows = np.empty(values.shape, np.uint8), max(1, _BAND * len(values) // values.size)
        for start in range(0, len(values), rows):
            scaled[start : start + rows] = self._scale_band(values[start : start + rows])
        return scaled

    def _scale_band(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):  # float128 has larger numbers
            numbers = values.astype(np.float64)
        # divide first: 255 over a range of 1e-320 is infinite
        share = (numbers - self.low) / ((self.high - self.low) or 1)
        return np.asarray(np.rint(np.clip(share, 0, 1) * 255), np.uint8)


def _check_greys(values: np.ndarray) -> None:
    """Raise :class:`DataError` for NaN, infinity and marks for missing pixels, which cannot be scaled."""
    wrong = ~((values <= LARGEST) & (values >= -LARGEST))
    if wrong.any():
        with np.errstate(over="ignore"):  # float128 has larger numbers
            numbers = values[wrong].astype(np.float64)
        found = ", ".join(f"{value:g}" for value in np.unique(numbers)[:3])
        found = found.replace("nan", "NaN").replace("inf", "infinity")
        raise DataError(
            f"expected greys from {-LARGEST:g} to {LARGEST:g}, got {found} in {wrong.sum():,} of {values.size:,}",
            remedy="set such pixels to the grey of the paper",
        )
