"""deltarule train --folds: cross-validation, one run for each fold, each tested on rows that it never saw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.cli.console import emit, escape, format_command, format_percent, format_r2, to_json
from deltarule.cli.data_options import build_data_options, describe_options, print_understanding, weigh_classes
from deltarule.cli.defaults import adapt_selection, check_classes, encode_for_sizes
from deltarule.cli.engine_line import EngineLine, explain_absence
from deltarule.cli.folders import check_new
from deltarule.cli.option_errors import option_error, report_as_option
from deltarule.cli.outcome import format_cause, format_worth, judge
from deltarule.cli.selection import select_network
from deltarule.cli.summary import print_settings
from deltarule.cli.tables import Column, build_table
from deltarule.cli.training_report import print_warning
from deltarule.data.sources import NAMES, Source
from deltarule.data.user_data import load_folds
from deltarule.errors import NOTHING
from deltarule.models.assessment import assess, summarize_confusions
from deltarule.training import Checkpoint, fit
from deltarule.training.causes import find_causes
from deltarule.training.fingerprints import RecordFingerprints
from deltarule.training.runs import NewRunNotes, find_free_folder, note_divergence

if TYPE_CHECKING:
    from rich.console import Console

    from deltarule.data.dataset import Dataset
    from deltarule.engines.execution import Execution
    from deltarule.models.predictor import Predictor

EXCLUDED = ("ensemble", "voting", "early_stopping", "keep_best", "test", "split", "with_validation", "monitor")
"""The options that need what cross-validation has not: several networks at once, or a validation set."""


def train_folds(
    data: str, given: Mapping[str, Any], execution: Execution, console: Console, command: str, as_json: bool
) -> None:
    """Train one network for each fold, test it on the fold, and print the mean of the figures."""
    k = given["folds"]
    for name in EXCLUDED:
        if given.get(name) not in (None, False):
            flag = "--no-split" if name == "split" else f"--{name.replace('_', '-')}"
            raise option_error(flag, NOTHING, "no --folds together with it", "leave out one of the two")
    if data in NAMES:
        raise option_error("--folds", k, "data of your own", "give their path: --data FILE")
    if given["out"] is not None:
        check_new(given["out"])
    options = build_data_options(given)
    selection = select_network(given["net"], given)
    path = Path(data).expanduser()
    with report_as_option("--data", data):
        own, folds = load_folds(path, k, options)
    folds = [encode_for_sizes(given["net"], splits) for splits in folds]
    check_classes(given, folds[0][0])
    selection = adapt_selection(selection, given, folds[0][0])
    network, training = selection.build_network(folds[0][0]), selection.recipe.training
    name = f"{path.name.split('.')[0]}-{selection.name_run(network)}-folds"
    folder = given["out"] or find_free_folder(Path("runs"), name)
    about = own.summary[1].partition("; ")[2]  # behind the sizes of the sets: groups, and what is left out
    summary = (own.summary[0], f"{k} folds; {about}" if about else f"{k} folds")
    found = Source(path.stem, str(path), "data of your own", own.splits, summary, own.notes, own.doubts)
    console.print(f"Data: [bold]{escape(found.name)}[/] ({escape(found.where)})")
    print_understanding(found, console)
    print_settings(selection, network, console)
    figures: list[dict[str, float]] = []
    worth: list[dict[str, Any]] = []
    engine_line = EngineLine(console, explain_absence)
    for i, (train, _, test) in enumerate(folds, 1):
        place = folder / f"fold-{i}"
        notes = {"data": str(path.resolve()), "command": command, "fold": i, "folds": k}
        notes |= {"table": described} if (described := describe_options(options)) else {}
        notes |= {"class_weights": weights} if (weights := given["class_weights"]) else {}
        notes |= {"fingerprints": False} if given["no_fingerprints"] else {}
        recording = [] if given["no_fingerprints"] else [RecordFingerprints(place, [train])]
        with note_divergence(place), selection.report_origins(), console.status(f"Fold {i} of {k} …"):
            model = fit(
                network, weigh_classes(train, given["class_weights"]), training, execution=execution,
                callbacks=[NewRunNotes(place, notes), *recording, engine_line, Checkpoint(place, pause=1.0)],
            )  # fmt: skip
        figures.append(model.evaluate(test))
        worth.append(assess(model, test))
        console.print(f"Fold {i}: {len(train):,} rows to train on, {len(test):,} to test on: {_format(figures[-1])}")
    r2 = float(np.mean([each["r2"] for each in figures])) if "r2" in figures[0] else None
    together = _join(worth, r2, model, train, test, sum(len(test) for *_, test in folds))
    _print_mean(figures, together, folder, as_json, console)


def _format(figures: Mapping[str, float]) -> str:
    if "accuracy" in figures:
        return format_percent(figures["accuracy"])
    return (
        f"R² {format_r2(figures['r2'])}, RMSE {figures['rmse']:.4g}, MAE {figures['mae']:.4g}"
        if "r2" in figures
        else f"cost {figures['cost']:.4g}"
    )


def _join(
    worth: list[dict[str, Any]], r2: float | None, model: Predictor, train: Dataset, test: Dataset, n: int
) -> dict[str, Any]:
    """Join what the figures of all folds are worth, with a warning if the runs are no better than a constant answer."""
    counts = None
    if "confusion" not in worth[0]:
        found = {name: float(np.mean([each[name] for each in worth])) for name in worth[0] if name.startswith("me")}
        figures = {"test_r2": r2, "test_r2_interval": (None, None)} if r2 is not None else {}
    else:
        counts = np.zeros((size := max(len(each["confusion"]) for each in worth), size), np.int64)
        for each in worth:
            counts[: len(each["confusion"]), : len(each["confusion"])] += each["confusion"]
        found, figures = summarize_confusions(counts, model.classes), {}
    warning, has_causes = judge(figures, counts, n)
    causes = [format_cause(cause) for cause in find_causes(model, train, test)] if has_causes else []
    return dict(to_json({**found, "warning": warning or None, "causes": causes}))


def _print_mean(
    figures: list[dict[str, float]], together: dict[str, Any], folder: Path, as_json: bool, console: Console
) -> None:
    means = {name: float(np.mean([each[name] for each in figures])) for name in figures[0]}
    deviations = {name: float(np.std([each[name] for each in figures], ddof=1)) for name in figures[0]}
    if as_json:
        emit({"out": str(folder), "folds": figures, "mean": means, "standard_deviation": deviations,
              "together": together})  # fmt: skip
        return
    columns = [Column("figure"), Column("mean", align="right"), Column("standard deviation", align="right")]
    rows = [
        [
            name,
            *(
                (format_percent(v) if name == "accuracy" else format_r2(v, ".4g"))
                for v in (means[name], deviations[name])
            ),
        ]
        for name in means
    ]
    console.print(build_table(columns, rows))
    for line in format_worth(together):
        console.print(f"all folds together: {line}" if "interval" in line else line)
    print_warning({"warning": None, "causes": [], **together}, console)
    console.print(f"Runs: {escape(folder)}    look at one:  {format_command('deltarule', 'show', folder / 'fold-1')}")
