"""Dropout and ensembles: many networks vote, or one that learns as many (chapter 3)."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Dropout and ensembles", css_file="../lesson.css")


@app.cell
def _():
    from functools import cache

    import marimo as mo
    import numpy as np

    from deltarule import CrossEntropy, Dense, Dropout, Network, Sigmoid, fit
    from deltarule.core import random
    from deltarule.data import load
    from deltarule.lab import html
    from deltarule.plotting import COLOURS

    train, validation, _ = load("digits")
    return COLOURS, CrossEntropy, Dense, Dropout, Network, Sigmoid, cache, fit, mo, np, random, html, train, validation


@app.cell
def _(mo):
    mo.md("""
    # Dropout and ensembles

    Networks that begin differently err differently. Let several vote, and many errors are outvoted. **Dropout**
    has the same end in a single network: in every step a random part of the hidden neurons is silenced, so that none
    can rely on a particular other one.
    """)
    return


@app.cell
def _(mo):
    p = mo.ui.slider(0.0, 0.9, 0.05, value=0.5, label="share dropped p", show_value=True)
    step = mo.ui.slider(0, 30, 1, value=0, label="step of training", show_value=True)
    return p, step


@app.cell
def _(mo, p, step):
    mo.hstack([p, step], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(Dropout, np, p, random, step):
    _ones = np.ones((8, 40))
    masked, _ = Dropout(p.value).forward({}, _ones, random.fold(random.key(1), step.value))
    kept = float((masked > 0).mean())
    mean = float(masked.mean())
    return kept, masked, mean


@app.cell
def _(kept, masked, mean, mo, html):
    mo.vstack([
        mo.Html(html.render_image(masked, 560, "which neurons are kept")),
        mo.md(f"Eight examples (rows), forty neurons: **{100 * kept:.0f} %** are kept, each larger by 1/(1 − p), so "
              f"that the mean stays what it is in use: {mean:.2f}."),
    ])  # fmt: skip
    return


@app.cell
def _(mo):
    mo.md("""
    ## A vote

    Five networks learn from the same few digits, and differ only in their first weights and in the order of the
    examples. Each reads the validation digits; then all of them together.
    """)
    return


@app.cell
def _(mo):
    n = mo.ui.slider(50, 1000, 50, value=300, label="training images", show_value=True, debounce=True)
    hidden = mo.ui.slider(10, 100, 10, value=30, label="hidden neurons", show_value=True, debounce=True)
    drop = mo.ui.slider(0.0, 0.8, 0.1, value=0.0, label="dropout p", show_value=True, debounce=True)
    members = mo.ui.slider(1, 7, 1, value=5, label="networks that vote", show_value=True, debounce=True)
    return drop, hidden, members, n


@app.cell
def _(drop, hidden, members, mo, n):
    mo.hstack([mo.vstack([n, hidden]), mo.vstack([drop, members])], justify="start", gap=3, wrap=True)
    return


@app.cell
def _(CrossEntropy, Dense, Dropout, Network, Sigmoid, cache, fit, train, validation):
    @cache
    def train_network(n, hidden, drop, seed):
        """What a network makes of the validation digits; what has been learned once is kept."""
        dropped = [Dropout(drop)] if drop else []
        network = Network([Dense(hidden), Sigmoid(), *dropped, Dense(10)], CrossEntropy(), (64,))
        return fit(network, train.take(slice(n)), epochs=25, eta=0.5, seed=seed, engine="numpy").predict_proba(
            validation
        )

    return (train_network,)


@app.cell
def _(drop, hidden, train_network, members, n, np, validation):
    _shares = [train_network(n.value, hidden.value, drop.value, seed) for seed in range(1, members.value + 1)]
    alone = [100 * float((share.argmax(axis=1) == validation.y).mean()) for share in _shares]
    voted = 100 * float((np.sum(_shares, axis=0).argmax(axis=1) == validation.y).mean())
    return alone, voted


@app.cell
def _(COLOURS, alone, mo, np, html, voted):
    _figure, _axes = html.new_figure(size=(7, 3.2))
    _axes.bar(np.arange(1, len(alone) + 1), alone, color=COLOURS[0], label="each alone")
    _axes.axhline(voted, color=COLOURS[1], label=f"their vote: {voted:.1f} %")
    _axes.axhline(
        np.mean(alone), color="#777777", linestyle="--", linewidth=1, label=f"their mean: {np.mean(alone):.1f} %"
    )
    _axes.set_ylim(max(0, min(alone) - 4), 101)
    _axes.xaxis.get_major_locator().set_params(integer=True)
    html.label_axes(_axes, "network", "validation accuracy in %")
    _axes.legend(fontsize=9, loc="upper center", ncols=3)
    mo.Html(html.render_figure(_figure))
    return


@app.cell
def _(mo):
    mo.md("""
    ## Try

    - The vote is nearly always better than the mean, and the more so, the worse each is alone: take 10 hidden neurons.
    - Dropout with few hidden neurons takes too much away. With 100 of them it costs nothing; where it pays, see
      *Inside*.
    - `deltarule train --ensemble 5` trains five at once, and saves them as one model that votes.
    """)
    return


if __name__ == "__main__":
    app.run()
