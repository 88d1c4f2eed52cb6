"""deltarule show, runs and compare: what was trained, how, and with what result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import WIDE, Json, as_is, emit, new_table, out, say_error
from deltarule.cli.options import usual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from deltarule.errors import DeltaruleError
    from deltarule.models.predictor import Predictor
    from deltarule.training.runs import Run


def show(
    run: Annotated[Path, typer.Argument(help="A run's folder, or a model file.")],
    pictures: Annotated[Path | None, typer.Option(help=f"Folder for the pictures. {usual('the run')}")] = None,
    json: Json = False,
) -> None:
    """Layers, shapes, parameters, settings; learning curves and first-layer weights as pictures.

    [bold]Example[/]:  deltarule show runs/first
    """
    from deltarule import plotting
    from deltarule.cli.figures import draw_curves, save_figures
    from deltarule.cli.summary import facts, first_weights, layers, parameters
    from deltarule.models.description import describe
    from deltarule.training.runs import open_run

    opened = open_run(run)
    model, made = opened.model, {}
    if model.history.records:
        made["curves.png"] = draw_curves(model, str(run))
    if (w := first_weights(model)) is not None:
        made["weights.png"] = plotting.plot_weights(w, "What the first layer weighs: orange for, purple against")
    written: list[Path] = []
    try:
        written = save_figures(made, run, pictures)
    finally:  # what the run is gets told, even where no picture can be written
        if json:
            emit(
                {
                    "run": str(run),
                    "network": describe(model.models[0].network),
                    "layers": layers(model),
                    "parameters": parameters(model),
                    "settings": model.settings,
                    "history": model.history.records,
                    "notes": opened.notes,
                    "parameters_sha256": model.parameters_sha256,
                    "pictures": [str(path) for path in written],
                }
            )
        else:
            out.print(_layer_table(model))
            out.print()
            out.print(_fact_table({"": facts(opened)}))
    if written and not json:
        out.print("\nPictures: " + as_is(", ".join(map(str, written))))


def runs(
    folder: Annotated[Path, typer.Argument(help="Where to look for runs.")] = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs of a folder with their settings and results.

    [bold]Example[/]:  deltarule runs
    """
    from deltarule.errors import FileError
    from deltarule.training.runs import find_runs

    if not folder.is_dir():
        raise FileError(path=folder, expected="a folder of runs", remedy="train something first:  deltarule train")
    rows = [_summary(path, run) for path, run in find_runs(folder)]
    if json:
        emit({"folder": str(folder), "runs": rows})
        return
    for row in rows:
        if "error" in row:
            say_error(row["error"])
    good = [row for row in rows if "error" not in row]
    if not rows:
        out.print(f"No runs in {as_is(folder)} yet. Train one:  deltarule train")
    if good:
        out.print(_run_table(good))
    if commands := [row["go_on"] for row in good if row["go_on"]]:
        out.print("\nUnfinished; to go on:")
        for command in commands:
            out.print(f"  {as_is(command)}")


def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="RUN RUN", help="Two runs or more.")],
    picture: Annotated[Path, typer.Option(metavar="FILE", help="Where the curves go.")] = Path("compare.png"),
    json: Json = False,
) -> None:
    """In what runs differ, what they came to, and their curves in one picture.

    [bold]Example[/]:  deltarule compare runs/first runs/second
    """
    from deltarule import plotting
    from deltarule.cli.option_errors import refuse
    from deltarule.cli.summary import differing, facts, short_names
    from deltarule.training.runs import open_run

    plotting.find_format(picture)
    named = [str(path) for path in paths]
    if len(paths) < 2:
        raise refuse("RUN", named, "two runs or more")
    if len({path.resolve() for path in paths}) < len(paths):
        raise refuse("RUN", named, "different runs, none named twice")
    opened = {str(path): open_run(path) for path in paths}
    known = {name: facts(run) for name, run in opened.items()}
    names = short_names(paths)
    histories = dict(zip(names, (run.model.history.records for run in opened.values()), strict=True))
    alike = len({type(run.model.models[0].network.cost) for run in opened.values()}) == 1
    made = plotting.plot_curves(histories, cost="cost" if alike else "cost (not the same one for all)")
    saved: Path | None = None
    try:
        saved = plotting.save_figure(made, picture)
    finally:  # in what they differ is told, even where no picture can be written
        if json:
            emit({"runs": known, "differ": differing(known), "picture": None if saved is None else str(saved)})
        else:
            _say_differences(dict(zip(names, known.values(), strict=True)))
    if not json:
        out.print(f"Picture: {as_is(saved)}")


def _say_differences(known: Mapping[str, Mapping[str, Any]]) -> None:
    """Runs side by side, as many as can be read, the others below."""
    from deltarule.cli.summary import differing

    names, different = list(known), differing(known)
    if not different:
        out.print("They differ in nothing.")
    side = max(2, (out.width - 20) // 18)
    for start in range(0, len(names) if different else 0, side):
        out.print(_fact_table({name: known[name] for name in names[start : start + side]}, different))
        out.print()


def _layer_table(model: Predictor) -> Table:
    from deltarule.cli.summary import layers, parameters

    table = new_table(show_footer=True)
    table.add_column("layer", f"cost: {type(model.models[0].network.cost).__name__}")
    table.add_column("output", justify="right")
    table.add_column("shapes")
    table.add_column("parameters", f"{parameters(model):,}", justify="right")
    for row in layers(model):
        shapes = ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in row["shapes"].items())
        table.add_row(row["layer"], "×".join(map(str, row["output"])), shapes, f"{row['parameters']:,}")
    return table


def _fact_table(known: Mapping[str, Mapping[str, Any]], only: list[str] | None = None) -> Table:
    """A column a run; ``only`` these facts, else all of the first run's."""
    from deltarule.cli.summary import told

    table = new_table(show_header=len(known) > 1)
    table.add_column("", no_wrap=True)
    for name in known:
        table.add_column(as_is(name), overflow="fold")
    for fact in only if only is not None else next(iter(known.values())):
        values = (as_is(told(fact, one.get(fact))) for one in known.values())
        table.add_row(f"[dim]{fact.replace('_', ' ')}[/]", *values)
    return table


def _run_table(rows: list[dict[str, Any]]) -> Table:
    """A row a run; in a narrow window without η, the time and the state."""
    from deltarule.cli.summary import told

    wide = out.width >= WIDE
    table = new_table()
    table.add_column("run", overflow="fold", min_width=14)
    table.add_column("network", overflow="fold", min_width=12)
    table.add_column("data", overflow="fold", min_width=6)
    headings = ("η", "epochs", "validation", "test", "training", "state")
    for heading in headings if wide else headings[1:4]:
        table.add_column(heading, justify="left" if heading == "state" else "right", no_wrap=True)
    for row in rows:
        shares = (told(name, row[name]) for name in ("validation_accuracy", "test_accuracy"))
        cells = (told("eta", row["eta"]), f"{row['epochs']} / {row['planned']}", *shares)
        more = (f"{row['seconds']:.1f} s", row["state"])
        names = (row["run"], row["network"], row["data"] or "–")
        table.add_row(*map(as_is, names), *(as_is(cell) for cell in ((*cells, *more) if wide else cells[1:])))
    return table


def _summary(path: Path, run: Run | DeltaruleError) -> dict[str, Any]:
    from deltarule.cli.summary import summary
    from deltarule.errors import DeltaruleError
    from deltarule.models.description import DAMAGE

    if isinstance(run, DeltaruleError):
        return {"run": str(path), "error": str(run)}
    try:
        return summary(path, run)
    except (DeltaruleError, *DAMAGE) as error:
        return {"run": str(path), "error": f"{path} is damaged: {error}"}
