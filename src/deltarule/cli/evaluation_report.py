"""The result of ``deltarule evaluate``: its figures and the confusion matrix, as JSON and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deltarule.cli.console import err, escape, format_percent, format_r2, out
from deltarule.cli.tables import GAP, Column, build_table, measure_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from rich.table import Table

    from deltarule.data import Dataset
    from deltarule.models.predictor import Predictor


def measure(model: Predictor, dataset: Dataset) -> dict[str, Any]:
    """Measure what a single figure hides: each class, each label, and what always answering the same would give."""
    from deltarule.data.encodings import MultiLabel
    from deltarule.models.metrics import compute_balanced_accuracy, find_commonest, measure_targets

    labels = model.preprocessing.find_labels(dataset)
    if isinstance(model.encoding, MultiLabel):
        right = (model.predict(dataset) == labels).mean(axis=0)
        return {"accuracy_of_each": dict(zip(model.classes, map(float, right), strict=True))}
    if labels.dtype.kind == "f":
        schema = model.preprocessing.schema
        names = schema.targets if schema is not None else ()
        each = measure_targets(model.predict(dataset), labels) if labels.ndim == 2 else ()
        return {
            f"{what}_of_each": dict(zip(names, e.tolist(), strict=False))
            for what, e in zip(("rmse", "r2"), each, strict=False)
        }
    counts = model.confusion(dataset)
    label, share = find_commonest(labels)
    return {
        "confusion": counts,
        "balanced_accuracy": compute_balanced_accuracy(counts),
        "commonest": _name(model.classes, label),
        "commonest_share": share,
    }


def print_result(result: Mapping[str, Any]) -> None:
    """Print the figures of a result, and the confusion matrix."""
    from deltarule.cli.outcome import NO_BETTER, is_no_better

    n, cost = result["examples"], result["cost"]
    if "r2" in result:
        counted = f"{n:,} rows" if n > 1 else "1 row"
        out.print(f"R² [bold]{format_r2(result['r2'])}[/], RMSE {result['rmse']:.4g} on {counted}; cost {cost:.4f}")
    elif "accuracy" not in result:
        out.print(f"Cost {cost:.4f} on {n:,} examples")
    else:
        accuracy = result["accuracy"]
        out.print(f"[bold]{round(accuracy * n)} / {n}[/] right, {format_percent(accuracy)}; cost {cost:.4f}")
    if "r2_of_each" in result:
        columns = [Column("target"), Column("R²", align="right"), Column("RMSE", align="right")]
        pairs = zip(result["r2_of_each"].items(), result["rmse_of_each"].values(), strict=True)
        rows = [[escape(name), format_r2(r2), f"{rmse:.4g}"] for (name, r2), rmse in pairs]
        out.print(build_table(columns, rows))
    if "accuracy_of_each" in result:
        columns = [Column("label"), Column("right", align="right")]
        rows = [[escape(name), format_percent(share)] for name, share in result["accuracy_of_each"].items()]
        out.print(build_table(columns, rows, title="the accuracy of each label", title_style="dim"))
    if "confusion" in result:
        commonest = f"always answering {escape(result['commonest'])}: {format_percent(result['commonest_share'])}"
        out.print(f"{commonest}; balanced accuracy {format_percent(result['balanced_accuracy'])}\n")
        out.print(build_confusion_table(result["confusion"], result["classes"]))
        if is_no_better(result["confusion"]):
            err.print(f"[yellow]{NO_BETTER}[/]")


def _name(classes: Sequence[str], i: int) -> str:
    return classes[i] if i < len(classes) else str(i)


def build_confusion_table(counts: np.ndarray, classes: Sequence[str]) -> Table:
    """Build the confusion matrix, or if it is too wide, the list of the most frequent mistakes."""
    names = [escape(_name(classes, i)) for i in range(len(counts))]
    if GAP * len(names) > out.width:  # before a million cells are measured
        return _build_mistakes_table(counts, names)
    columns = [Column(heading, align="right") for heading in ("", *names)] + [Column("right", 1, "right")]
    rows = [_build_row(i, name, row) for i, (name, row) in enumerate(zip(names, counts, strict=True))]
    if measure_table(columns[:-1], rows) > out.width:
        return _build_mistakes_table(counts, names)
    return build_table(columns, rows, title="label \\ prediction", title_style="dim")


def _build_row(i: int, name: str, counts: np.ndarray) -> list[str]:
    cells = [f"[bold]{c}[/]" if i == j else (str(c) if c else "[dim]·[/]") for j, c in enumerate(counts)]
    right = format_percent(counts[i] / counts.sum()) if counts.sum() else "–"
    return [f"[bold]{name}[/]", *cells, right]


def _build_mistakes_table(counts: np.ndarray, names: Sequence[str], most: int = 12) -> Table:
    import numpy as np

    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    order = np.argsort(-mistakes, axis=None, kind="stable")[: min(most, np.count_nonzero(mistakes))]
    columns = [Column("label"), Column("prediction"), Column("times", align="right")]
    rows = [
        [names[i], names[j], str(mistakes[i, j])] for i, j in zip(*np.unravel_index(order, counts.shape), strict=True)
    ]
    return build_table(columns, rows, title="the most frequent mistakes", title_style="dim")
