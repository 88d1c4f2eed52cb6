"""The figure of the page on ensembles: the accuracy of votes, and mistakes that networks share."""

from itertools import combinations

import numpy as np
from drawing import Result, format_spread, label_plot, limit_epochs, load_data, make_figure

import deltarule as dr
from deltarule.models.voting import VOTING
from deltarule.plotting import COLOURS

MEMBERS = 9


def draw_ensembles(quick: bool) -> Result:
    """Draw the accuracy of votes of up to nine networks that differ only in their seeds, and their common errors."""
    train, _, test = load_data("mnist")
    models = dr.fit_many(
        dr.Network.dense([784, 30, 10]),
        train[: 1000 if quick else 10_000],
        dr.Training(epochs=limit_epochs(quick, 15), eta=0.5).vary(seed=range(MEMBERS)),
        execution=dr.Execution(engine="numpy" if quick else "auto"),
    )
    figure, (left, right) = make_figure()
    probabilities = [model.predict_proba(test) for model in models]
    sizes, lines = range(1, MEMBERS + 1, 2), []
    for (voting, elect), colour in zip(VOTING.items(), COLOURS[::2], strict=False):
        votes = {
            size: [100 * float(np.mean(elect(some) == test.y)) for some in combinations(probabilities, size)]
            for size in sizes
        }
        low, middle, high = np.array([[min(v), np.median(v), max(v)] for v in votes.values()]).T
        left.fill_between(sizes, low, high, color=colour, alpha=0.18, linewidth=0)
        left.plot(sizes, middle, "o-", color=colour, label=f"{voting} vote")
        for size in sizes:
            choices = len(votes[size])
            lines.append(f"{voting} vote of {size}: {format_spread(votes[size])} % over {choices} choices of members")
    left.set_xticks(list(sizes))
    wrong = sum(one.argmax(axis=1) != test.y for one in probabilities)
    counts = np.bincount(wrong, minlength=MEMBERS + 1)
    right.bar(range(1, MEMBERS + 1), counts[1:], color=COLOURS[1], width=0.7)
    right.set_xticks(range(1, MEMBERS + 1))
    lines.append(
        f"of {len(test):,} test images all nine misclassify {counts[MEMBERS]}, and at least one {counts[1:].sum()}"
    )
    label_plot(left, "number of networks that vote", "test accuracy in %")
    label_plot(right, "number of networks that misclassify the image", "number of test images")
    return figure, lines
