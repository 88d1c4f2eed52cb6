"""The result of ``deltarule evaluate``: its figures and the confusion matrix, as JSON and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deltarule.cli.console import err, escape, format_percent, format_r2, out, to_json
from deltarule.cli.tables import GAP, Column, build_table, measure_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from rich.table import Table


def print_result(result: Mapping[str, Any]) -> None:
    """Print the figures of a result, and the confusion matrix."""
    from deltarule.cli.outcome import format_worth, judge

    n, cost = result["examples"], result["cost"]
    if "r2" in result:
        counted = f"{n:,} rows" if n > 1 else "1 row"
        errors = f"RMSE {result['rmse']:.4g}, MAE {result['mae']:.4g}"
        out.print(f"R² [bold]{format_r2(result['r2'])}[/], {errors} on {counted}; cost {cost:.4f}")
    elif "accuracy" not in result:
        out.print(f"Cost {cost:.4f} on {n:,} examples")
    else:
        accuracy = result["accuracy"]
        out.print(f"[bold]{round(accuracy * n)} / {n}[/] right, {format_percent(accuracy)}; cost {cost:.4f}")
    for line in format_worth(to_json(result))[: 2 if "r2" in result else 1]:  # the tables have the others
        out.print(line)
    if "r2_of_each" in result:
        columns = [Column("target"), Column("R²", align="right"), Column("RMSE", align="right")]
        pairs = zip(result["r2_of_each"].items(), result["rmse_of_each"].values(), strict=True)
        rows = [[escape(name), format_r2(r2), f"{rmse:.4g}"] for (name, r2), rmse in pairs]
        out.print(build_table(columns, rows))
    if "accuracy_of_each" in result:
        headings = ("right", "always its commonest value")
        columns = [Column("label"), *(Column(heading, align="right") for heading in headings)]
        pairs = zip(result["accuracy_of_each"].items(), result["commonest_of_each"].values(), strict=True)
        rows = [[escape(name), format_percent(share), format_percent(always)] for (name, share), always in pairs]
        out.print(build_table(columns, rows, title="the accuracy of each label", title_style="dim"))
    if "confusion" in result:
        out.print()
        table, is_whole = build_confusion_table(result["confusion"], result["classes"])
        out.print(table)
        if not is_whole:
            out.print(_build_recall_table(result["recall_of_each"], result["confusion"]))
    figures = to_json({f"test_{name}": value for name, value in result.items()})
    warning, _ = judge(figures, result.get("confusion"), n)
    if warning:
        err.print(f"[yellow]{escape(warning)}[/]")


def _name(classes: Sequence[str], i: int) -> str:
    return classes[i] if i < len(classes) else str(i)


def _build_recall_table(recalls: Mapping[str, float | None], counts: np.ndarray, most: int = 10) -> Table:
    """Build a table of the classes with the lowest recall."""
    numbers = dict(zip(recalls, counts.sum(axis=1).tolist(), strict=True))
    known = sorted((recall, name) for name, recall in recalls.items() if recall is not None)
    columns = [Column("label"), Column("examples", align="right"), Column("recall", align="right")]
    rows = [[escape(name), f"{numbers[name]:,}", format_percent(recall)] for recall, name in known[:most]]
    return build_table(columns, rows, title="the classes with the lowest recall", title_style="dim")


def build_confusion_table(counts: np.ndarray, classes: Sequence[str]) -> tuple[Table, bool]:
    """Build the confusion matrix with the recall of each class, and return True as well.

    If it is too wide, build the list of the most frequent mistakes, and return False.
    """
    names = [escape(_name(classes, i)) for i in range(len(counts))]
    if GAP * len(names) > out.width:  # before a million cells are measured
        return _build_mistakes_table(counts, names), False
    columns = [Column(heading, align="right") for heading in ("", *names)] + [Column("recall", 1, "right")]
    rows = [_build_row(i, name, row) for i, (name, row) in enumerate(zip(names, counts, strict=True))]
    if measure_table(columns[:-1], rows) > out.width:
        return _build_mistakes_table(counts, names), False
    return build_table(columns, rows, title="label \\ prediction", title_style="dim"), True


def _build_row(i: int, name: str, counts: np.ndarray) -> list[str]:
    cells = [f"[bold]{c}[/]" if i == j else (str(c) if c else "[dim]·[/]") for j, c in enumerate(counts)]
    recall = format_percent(counts[i] / counts.sum()) if counts.sum() else "–"
    return [f"[bold]{name}[/]", *cells, recall]


def _build_mistakes_table(counts: np.ndarray, names: Sequence[str], most: int = 12) -> Table:
    import numpy as np

    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    order = np.argsort(-mistakes, axis=None, kind="stable")[: min(most, np.count_nonzero(mistakes))]
    columns = [Column("label"), Column("prediction"), Column("times", align="right")]
    rows = [
        [names[i], names[j], str(mistakes[i, j])] for i, j in zip(*np.unravel_index(order, counts.shape), strict=True)
    ]
    return build_table(columns, rows, title="the most frequent mistakes", title_style="dim")
