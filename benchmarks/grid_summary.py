"""The summary of the grid of dense networks: ratios of each cell, and their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.contenders import OWN, TODAY
from benchmarks.jobs import BATCHES, HIDDEN
from benchmarks.markdown import format_table
from benchmarks.summary import Measured, Verdict

NOT_SLOWER = 1 / 1.1
"""The least speed relative to PyTorch's best form: at most 1.1 times its time."""


def judge_grid(found: Measured | None) -> list[Verdict]:
    """Judge the cell with the smallest ratio to the earlier commit, and that with the smallest to PyTorch."""
    if found is None:
        return []
    before = [ratio for cell in found["cells"] if (ratio := find_ratio(cell, TODAY)) is not None]
    peers = [ratio for cell in found["cells"] if (ratio := find_ratio(cell, "pytorch")) is not None]
    about = "speed relative to {}, the smallest of all cells"
    return [
        Verdict(about.format("before"), "×", 1, 1.5, min(before, default=None)),
        Verdict(
            about.format("PyTorch's fastest form"), "×", NOT_SLOWER, 1, min(peers, default=None), goal="at least 0.91"
        ),
    ]


def find_ratio(cell: Measured, peer: str) -> float | None:
    """Return how many times as long as deltarule's a peer takes; of a group the fastest form counts.

    It is the median of the turns' ratios. None if deltarule or the peer failed.
    """
    own = next((r for r in cell["results"] if r["name"] == OWN and "error" not in r), None)
    peers = [r for r in cell["results"] if peer in (r["name"], r["group"]) and "error" not in r]
    if own is None or not peers:
        return None
    best = min(peers, key=lambda result: median(result["seconds"]))
    return median(theirs / ours for theirs, ours in zip(best["seconds"], own["seconds"], strict=True))


def grid(measured: Measured) -> str:
    """Report the grid: deltarule's time of an image, and the ratios of the others."""
    found = measured["grid"]
    cells = {cell["name"]: cell for cell in found["cells"]}
    tables = [
        ("deltarule, native engine: µs for an image (threads)", _format_own),
        ("commit 83234c5: times as long", lambda cell: _format_ratio(cell, TODAY)),
        ("PyTorch, the fastest of its forms: times as long", lambda cell: _format_ratio(cell, "pytorch")),
    ]
    heading = ["hidden neurons", *(f"mini-batch {m:,}" for m in BATCHES)]
    texts = []
    for title, form in tables:
        lines = [
            (f"{h:,}", *(form(cells[name]) if (name := f"grid-{h}-{m}") in cells else "–" for m in BATCHES))
            for h in HIDDEN
        ]
        texts.append(f"{title}\n\n{format_table(heading, 'r' * len(heading), lines)}")
    return (
        f"### Dense networks of many sizes\n\n784-n-10 with sigmoid neurons, measured on {found['date']}: the medians "
        f"of {found['turns']} epochs of each contender, in turn, each with its best number of threads. An epoch has "
        f"{_format_images(found['cells'])} images, so that it takes about a tenth of a second to a second. PyTorch's "
        "forms here are the usual one and the compiled one with the C++ wrapper.\n\n" + "\n\n".join(texts)
    )


def _format_images(cells: Sequence[Measured]) -> str:
    counts = [cell["examples"] for cell in cells]
    return f"{min(counts):,} to {max(counts):,}"


def _format_own(cell: Measured) -> str:
    own = next(r for r in cell["results"] if r["name"] == OWN)
    if "error" in own:
        return "–"
    return f"{1e6 * median(own['seconds']) / cell['examples']:.3g} ({own['threads']})"


def _format_ratio(cell: Measured, peer: str) -> str:
    ratio = find_ratio(cell, peer)
    return "–" if ratio is None else f"{ratio:.2f}"
