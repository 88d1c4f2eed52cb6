"""An experiment for tests: two variants, three seeds, no network, and errors on demand."""

from __future__ import annotations

import os
import signal

from deltarule.errors import InvalidArgument
from deltarule.experiments import registry
from deltarule.experiments.experiment import Experiment
from deltarule.experiments.records import Config, Measured, Published, Quick
from deltarule.plotting import label_axes, new_figure, plot_band


def measure(config: Config) -> Measured:
    """Measure the heads in per cent; at the seed ``trouble_at``, fail as ``trouble`` says."""
    if config.seed == config["trouble_at"]:
        match config["trouble"]:
            case "usage":
                raise InvalidArgument("the coin <b>stands</b> on its edge")
            case "bug":
                raise ZeroDivisionError("no sides")
            case "interrupt":
                raise KeyboardInterrupt
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
    heads = config["heads"] + config.seed
    return Measured({"heads": heads, "fair": heads > 10}, {"heads by throw": [heads, heads + 1, heads]})


def plot(result):
    """Plot both variants; without the second the plot fails."""
    figure, axes = new_figure()
    plot_band(axes, result.series("heads by throw", "fair"), label="fair")
    plot_band(axes, [result.first("loaded").series["heads by throw"]], label="loaded")
    label_axes(axes, "throw", "heads in %")
    return figure


HEAVIER = "It was <i>heavier</i>."

COIN = Experiment(
    id="ch1/coin",
    title="A coin & its <sides>",
    section="Coins",
    shows="A coin is thrown. It falls.",
    measure=measure,
    plot=plot,
    settings={"heads": 48, "trouble": "", "trouble_at": 0, "places": [1, 2]},
    variants={"fair": {}, "loaded": {"heads": 80}},
    published=(
        Published("heads", "heads", 50.0, "chapter 1", "fair", "%", "about"),
        Published("heads of a loaded coin", "heads", 70.0, "chapter 1", "loaded", "%", "at most", explanation=HEAVIER),
        Published("it falls", "fair", True, "chapter 1", "fair", exact=True),
    ),
    quick=Quick({"heads": 40}, (Published("heads", "heads", 41.0, variant="fair"),), {"heads": 0}, ("fair",)),
    seeds=3,
)


def register() -> None:
    """Add the experiment to those of this process."""
    registry.EXPERIMENTS[COIN.id] = COIN
