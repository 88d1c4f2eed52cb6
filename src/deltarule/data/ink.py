"""Detection of the ink in a picture, whatever its colour, the light and the dirt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deltarule.data.grayscale import resample, resize
from deltarule.errors import DataError

_WORKING_SIZE = 320  # pixels of the longer side: a digit that takes a tenth of it still has 32
_SMALLEST = 8  # pixels of its shorter side
_FAINTEST = 10  # of 255 grey levels between ink and paper
_CLEAREST_NOISE = 3.5  # the contrast of ink, at least, in standard deviations of the paper
_OF_ONE_GREY = 0.3  # of the pixels, in a drawing or a scan; light and noise give the paper of a photo more greys
_PAPER_SIZE = 48  # pixels of the longer side, which suffice to estimate the paper
_NEIGHBOURHOOD = 0.7  # of the longer side: a digit as large as the picture covers less than half of it
_STRIP = 9  # of the 48 pixels
_EDGE = 0.3  # of full ink: the edge of a stroke


def find_ink(picture: np.ndarray) -> np.ndarray:
    """Find the ink of a grey picture (h, w) uint8, and crop the picture to it: float32, from 0 for paper to 1 for ink.

    The strokes are those of :func:`find_strokes`. Small specks are removed. Parts that touch the border of the picture
    are also removed, if at least a quarter of the ink does not touch the border.
    """
    strokes, level = find_strokes(picture)
    kept = _clean(strokes)
    return restore_edges(level, kept)[find_window(kept)]


def find_strokes(
    picture: np.ndarray, longest: int = _WORKING_SIZE, across: Callable[..., int] = max
) -> tuple[np.ndarray, np.ndarray]:
    """Find the strokes in a grey picture (h, w) uint8: a mask (H, W) bool, and the ink from 0 to 1, (H, W) float32.

    The longer of H and W is ``longest`` at most; smaller pictures keep their size. Noise is smoothed over about a
    hundredth of the longer side, or of the side that ``across`` chooses.

    In a drawing or a clean scan the paper has the most frequent grey. In a photo the grey of the paper is fitted in two
    ways. The first is a surface of the second degree in height and width, fitted from the border inwards, with the
    median of the differences from it around each pixel added; it suits light from one side. The second is the median of
    the picture around each pixel; it suits the edge of a shadow. The one that is closer to the picture is used.

    The ink is either darker or lighter than the paper; the one that differs more is taken. A pixel is ink if it differs
    from the paper by more than a threshold: the threshold that best separates ink from paper (Otsu, 1979). The mask
    also has the grey edges of the strokes. Photos, but not drawings, fail if strokes cover half of the picture, or if
    the ink is fainter than a shadow.

    Raises :class:`DataError` for a picture that is too small, or has no ink.
    """
    height, width = picture.shape
    scale = min(1.0, longest / max(height, width))
    size = (round(height * scale), round(width * scale))
    if min(size) < _SMALLEST:
        raise DataError(
            f"expected {_SMALLEST} pixels or more in each direction, and one side no more than {longest // _SMALLEST} "
            f"times the other, got {height}×{width}",
            remedy="take a larger picture, or crop it to the digit",
        )
    picture = resample(picture, size)
    grey, fraction = _find_most_frequent(picture)
    is_drawing = fraction >= _OF_ONE_GREY
    flat = _smooth(picture - (grey if is_drawing else _estimate_paper(picture)), rounds=round(across(size) / 112))
    noise = 0.0 if is_drawing else _estimate_spread(flat[np.abs(flat) < _compute_threshold(np.abs(flat))])
    signal = np.maximum(flat * _find_polarity(flat, noise), 0)
    threshold = _compute_threshold(signal)
    strokes = signal > threshold
    contrast = signal[strokes].mean() if strokes.any() else 0.0
    if contrast < max(_FAINTEST, _CLEAREST_NOISE * noise):
        raise DataError(
            "expected ink that stands out from the paper, got none or too little contrast",
            remedy="use a darker pen, or take the photograph from closer",
        )
    full = _compute_upper_quartile(signal[strokes])
    edge = max(_EDGE * full, 3 * noise)
    return signal > edge, np.clip(signal / full, 0, 1).astype(np.float32)


def restore_edges(level: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the ink of the strokes in a mask with their grey edges, which reach one pixel beyond the mask."""
    return np.where(_compute_local_maximum(kept), level, 0)


def find_window(kept: np.ndarray) -> tuple[slice, slice]:
    """Find the rows and the columns from the first to the last that are not empty.

    >>> find_window(np.eye(4, dtype=bool)[1:3])
    (slice(0, 2, None), slice(1, 3, None))
    """
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _find_most_frequent(picture: np.ndarray) -> tuple[int, float]:
    """Find the most frequent grey, and the fraction of pixels that have it."""
    counts = np.bincount(np.rint(picture).astype(np.intp).reshape(-1))
    return int(np.argmax(counts)), float(counts.max() / picture.size)


def _estimate_paper(picture: np.ndarray) -> np.ndarray:
    """Estimate the grey of the paper beside and under the ink of a photo."""
    scale = min(1.0, _PAPER_SIZE / max(picture.shape))
    small = resize(picture, (max(4, round(picture.shape[0] * scale)), max(4, round(picture.shape[1] * scale))))
    light = _fit_light(small)
    # the surface fits the light of a lamp and not the edge of a shadow; the median fits the edge and not the light
    guesses = light + _compute_local_median(small - light), _compute_local_median(small)
    return resize(min(guesses, key=lambda paper: np.abs(small - paper).mean()), picture.shape)


def _fit_light(picture: np.ndarray) -> np.ndarray:
    """Fit a surface of the second degree in height and width to the paper, from the border inwards."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in picture.shape), indexing="ij")
    basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    border = np.ones(picture.shape, bool)
    border[2:-2, 2:-2] = False
    away = picture - np.median(picture[border])
    for region in [border] * 4 + [np.ones_like(border)] * 4:
        paper = region & (np.abs(away) <= 2.5 * _estimate_spread(away[region]) + 2)
        surface = basis @ np.linalg.lstsq(basis[paper], picture[paper], rcond=None)[0]
        away = picture - surface
    return np.asarray(surface, np.float32)


def _compute_local_median(picture: np.ndarray) -> np.ndarray:
    """Compute the median around each pixel, which keeps the edge of a shadow in its place."""
    reach = round(_NEIGHBOURHOOD * max(picture.shape) / 2)
    # beyond the border the median of a strip along it is used, so that the edge of a table there does not count
    beyond = np.pad(picture, reach, mode="median", stat_length=min(_STRIP, *picture.shape))
    windows = np.lib.stride_tricks.sliding_window_view(beyond, (2 * reach + 1,) * 2)
    return np.asarray(np.median(windows[..., ::2, ::2], axis=(2, 3)))  # every other pixel is enough


def _smooth(a: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        for axis in (0, 1):
            p = np.pad(a, [(1, 1) if i == axis else (0, 0) for i in (0, 1)], mode="edge")
            n = a.shape[axis]
            a = (p.take(range(n), axis) + 2 * p.take(range(1, n + 1), axis) + p.take(range(2, n + 2), axis)) / 4
    return a


def _estimate_spread(values: np.ndarray) -> float:
    return float(np.median(np.abs(values - np.median(values))) * 1.4826) if values.size else 0.0


def _compute_upper_quartile(values: np.ndarray) -> float:
    """Compute what np.percentile(values, 75) does; that imports numpy.ma, which takes longer than all of the ink.

    >>> _compute_upper_quartile(np.arange(6.0))
    3.75
    """
    low, quarters = divmod(3 * (len(values) - 1), 4)
    below, above = np.partition(values, [low, min(low + 1, len(values) - 1)])[[low, min(low + 1, len(values) - 1)]]
    share = values.dtype.type(quarters / 4)
    return float(below + (above - below) * share if share < 0.5 else above - (above - below) * (1 - share))


def _find_polarity(flat: np.ndarray, noise: float) -> int:
    # squared, so that strong contrast weighs more than a large area, such as a corner of light
    excess = np.maximum(np.abs(flat) - 3 * noise, 0) ** 2
    return -1 if excess[flat < 0].sum() >= excess[flat > 0].sum() else 1


def _compute_threshold(signal: np.ndarray) -> float:
    """Compute Otsu's threshold, which makes the variance between the two classes greatest."""
    counts, edges = np.histogram(signal, 128)
    centres = (edges[1:] + edges[:-1]) / 2
    below = counts.cumsum()[:-1]
    above = signal.size - below
    total = (counts * centres).cumsum()
    between = below * above * (total[:-1] / np.maximum(below, 1) - (total[-1] - total[:-1]) / np.maximum(above, 1)) ** 2
    return float(edges[1 + np.argmax(between)])


def _clean(mask: np.ndarray) -> np.ndarray:
    """Remove specks, and parts that touch the border if at least a quarter of the ink does not touch it."""
    number = label_parts(mask)
    sizes = np.bincount(number.reshape(-1))
    sizes[0] = 0
    kept = sizes >= 0.04 * sizes.max()
    border = np.concatenate([number[0], number[-1], number[:, 0], number[:, -1]])
    inside = kept.copy()
    inside[border] = False
    if sizes[inside].sum() >= 0.25 * sizes[kept].sum():
        kept = inside
    kept[0] = False
    return np.asarray(kept[number])


def label_parts(mask: np.ndarray) -> np.ndarray:
    """Label the connected parts of a mask (h, w) from 1; 0 is the background, and corners connect.

    Each row is divided into runs of pixels, and runs that touch in neighbouring rows are joined.

    >>> label_parts(np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0]], bool)).tolist()
    [[1, 0, 1], [0, 1, 0], [0, 0, 0], [2, 2, 0]]
    """
    height, width = mask.shape[0], mask.shape[1] + 1
    apart = np.pad(mask, ((0, 0), (0, 1)))  # so that no run continues in the next row
    steps = np.diff(apart.reshape(-1).astype(np.int8), prepend=0)
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    first, last = np.searchsorted(stops, starts + width), np.searchsorted(starts, stops + width, side="right")
    joined = list(range(len(starts)))

    def root(run: int) -> int:
        while joined[run] != run:
            joined[run] = run = joined[joined[run]]
        return run

    for run, below in enumerate(map(range, first.tolist(), last.tolist())):
        for other in below:
            joined[root(other)] = root(run)
    roots = [root(run) for run in joined]
    positions = {
        run: i for i, run in enumerate(sorted(set(roots)))
    }  # np.unique would import numpy.ma, which takes long
    number = np.array([positions[run] for run in roots], np.intp)
    found = np.zeros(height * width, np.intp)
    found[apart.reshape(-1)] = np.repeat(number + 1, stops - starts)
    return found.reshape(height, width)[:, :-1]


def thicken(ink: np.ndarray, thinnest: float) -> np.ndarray:
    """Thicken strokes to a width of about ``thinnest`` pixels.

    The array gets larger on all sides, so that the thicker strokes fit.

    The width of strokes is twice their area over the length of their outline, and 0 if no pixel is more than half ink.
    Wider strokes are returned as they are.
    """
    if not thinnest:
        return ink
    strokes = np.pad(ink > 0.5, 1)
    steps = np.count_nonzero(strokes[1:] != strokes[:-1]) + np.count_nonzero(strokes[:, 1:] != strokes[:, :-1])
    # an outline of all directions crosses rows and columns 4/π times as often as it is long
    width = 2 * np.count_nonzero(strokes) / (max(int(steps), 1) * np.pi / 4)
    rounds = max(0, round((thinnest - width) / 2))
    ink = np.pad(ink, rounds)
    for i in range(rounds):
        ink = _compute_local_maximum(ink, corners=i % 2 == 0)  # alternately, for round ends of strokes
    return ink


def _compute_local_maximum(a: np.ndarray, corners: bool = True) -> np.ndarray:
    """Compute the greatest of each pixel and its 8 neighbours, or its 4 nearest."""
    p = np.pad(a, 1)
    h, w = a.shape
    around = [(i, j) for i in range(3) for j in range(3) if corners or i == 1 or j == 1]
    return np.asarray(np.maximum.reduce([p[i : i + h, j : j + w] for i, j in around]))
