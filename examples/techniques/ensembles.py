"""The picture of ensembles: what a vote reads that its members do not."""

from itertools import combinations

import numpy as np
from drawing import Picture, canvas, data, epochs, name, spread

import deltarule as dr
from deltarule.models.ensemble import VOTING
from deltarule.plotting import COLOURS

MEMBERS = 9


def ensembles(quick: bool) -> Picture:
    """Votes of 1, 3, 5, … of nine networks that differ in their seeds alone, and on how much the nine agree."""
    train, _, test = data("mnist")
    models = dr.fit_many(
        dr.Network.dense([784, 30, 10]),
        train[: 1000 if quick else 10_000],
        dr.Training(epochs=epochs(quick, 15), eta=0.5).vary(seed=range(MEMBERS)),
        execution=dr.Execution(engine="numpy" if quick else "auto"),
    )
    figure, (left, right) = canvas()
    shares = [model.predict_proba(test) for model in models]
    sizes, said = range(1, MEMBERS + 1, 2), []
    for (voting, elect), colour in zip(VOTING.items(), COLOURS[::2], strict=False):
        votes = {
            size: [100 * float(np.mean(elect(some) == test.y)) for some in combinations(shares, size)] for size in sizes
        }
        low, middle, high = np.array([[min(v), np.median(v), max(v)] for v in votes.values()]).T
        left.fill_between(sizes, low, high, color=colour, alpha=0.18, linewidth=0)
        left.plot(sizes, middle, "o-", color=colour, label=f"{voting} vote")
        for size in sizes:
            said.append(f"{voting} vote of {size}: {spread(votes[size])} % over {len(votes[size])} choices of members")
    left.set_xticks(list(sizes))
    wrong = sum(share.argmax(axis=1) != test.y for share in shares)
    counts = np.bincount(wrong, minlength=MEMBERS + 1)
    right.bar(range(1, MEMBERS + 1), counts[1:], color=COLOURS[1], width=0.7)
    right.set_xticks(range(1, MEMBERS + 1))
    said.append(f"of {len(test):,} test images all nine misread {counts[MEMBERS]}, and at least one {counts[1:].sum()}")
    name(left, "networks that vote", "right test images in %")
    name(right, "networks that misread the image", "test images")
    return figure, said
