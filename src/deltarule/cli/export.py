"""deltarule export: the network of a run for another library, or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deltarule.cli.console import emit, escape, out
from deltarule.cli.option import format_default
from deltarule.cli.shared_options import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deltarule.models.predictor import Predictor

ENDINGS = {"onnx": ".onnx", "pytorch": "_pytorch.py", "keras": "_keras.py", "html": ".html"}
"""The formats, and the endings of their files in the folder of the run."""


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Export the run in this folder, or this model file.")],
    to: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Choose the format: onnx, pytorch, keras or html.")
    ] = None,
    to_file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Write this file (.onnx, .py or .html), and the parameters of a script beside it. "
            f"{format_default('a file in the folder of the run')}",
        ),
    ] = None,
    best: Annotated[
        bool, typer.Option("--best", help="Use the parameters of the best epoch, saved by --keep-best.")
    ] = False,
    member: Annotated[
        int | None,
        typer.Option(metavar="K", min=1, help="Export only network K of an ensemble, from 1.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Export a network to ONNX, to a script for PyTorch or Keras, or to a page that runs in any browser.

    All take raw inputs, in the units of the training set, and give labels.
    The parameters of a script are beside it, in a .safetensors file. An older
    export is replaced. Of an ensemble, ONNX holds the vote, and another format
    the one network that --member names.

    [bold]Examples[/]: a file for ONNX Runtime and other programs, a script for PyTorch, and a page for a browser:

      deltarule export runs/first --to onnx

      deltarule export runs/first --to pytorch --out digits.py

      deltarule export runs/first --to html
    """
    from deltarule.cli.folders import check_single
    from deltarule.cli.opening import open_model
    from deltarule.cli.option_errors import option_error
    from deltarule.errors import NOTHING
    from deltarule.recipes.builtin import suggest

    if to is None or to not in WRITERS:
        value, remedy = (NOTHING, "add --to onnx") if to is None else (to, suggest(to, WRITERS))
        raise option_error("--to", value, f"one of {', '.join(WRITERS)}", remedy)
    check_single(run)
    model = _choose_network(open_model(run), run, to, best, member)
    if not all(one.network.follows_cost for one in model.models):
        expected = "a run with a network of layers, since no export holds a Boltzmann machine"
        raise option_error("--to", to, expected, "write digits with it: deltarule sample, deltarule complete")
    paths = [str(path) for path in WRITERS[to](model, _choose_path(run, to, to_file))]
    if json:
        emit({"run": str(run), "format": to, "files": paths})
    else:
        out.print(escape("\n".join(paths)))


def _choose_network(model: Predictor, run: Path, to: str, best: bool, member: int | None) -> Any:
    """Choose the model to export: the best epoch, or a network of an ensemble."""
    from deltarule.cli.option_errors import option_error
    from deltarule.errors import NOTHING

    n = len(model.models)
    if best:
        if model.best is None:
            raise option_error("--best", run, "a run that kept its best epoch", "train with --keep-best")
        model = model.best
    if member is not None:
        if n == 1:
            raise option_error("--member", member, "an ensemble, from which to choose a network", "leave it out")
        if member > n:
            raise option_error("--member", member, f"a number from 1 to {n}, as the ensemble has {n} networks")
        return model.models[member - 1]
    if n > 1 and to != "onnx":
        expected = f"the number of one of the {n} networks of this ensemble, since {to} holds a single network"
        raise option_error("--member", NOTHING, expected, "add --member 1, or export the whole vote: --to onnx")
    return model


def _choose_path(run: Path, to: str, given: Path | None) -> Path:
    """Return the path to write: the given one, or one in the folder of the run, named after its model file."""
    from deltarule.cli.option_errors import option_error

    ending = Path(f"_{ENDINGS[to]}").suffix
    if given is None:
        folder, name = (run, "model") if run.is_dir() else (run.parent, run.stem)
        return folder / f"{name}{ENDINGS[to]}"
    if given.suffix != ending:
        example = given.with_suffix(ending).name if given.suffix else f"{given.name or 'model'}{ending}"
        raise option_error("--out", given, f"the path of a file that ends in {ending}", f"give {example}")
    if (path := given.expanduser()).is_dir():
        raise option_error("--out", given, "the path of a file, no folder", f"give {given / f'model{ending}'}")
    return path


def _write_onnx(model: Any, path: Path) -> Sequence[Path]:
    from deltarule.exchange import save_onnx
    from deltarule.files import create_folder

    create_folder(path)
    save_onnx(model, path)
    return [path]


def _write_pytorch(model: Predictor, path: Path) -> Sequence[Path]:
    from deltarule.exchange.pytorch import save_pytorch

    return save_pytorch(model, path)


def _write_keras(model: Predictor, path: Path) -> Sequence[Path]:
    from deltarule.exchange.keras import save_keras

    return save_keras(model, path)


def _write_html(model: Predictor, path: Path) -> Sequence[Path]:
    from deltarule.errors import InvalidArgument
    from deltarule.files import write_file
    from deltarule.lab.export import build_reader_page
    from deltarule.lab.table_page import build_table_page, is_table_model

    build = build_table_page if is_table_model(model) else build_reader_page
    try:
        page = build(model)
    except InvalidArgument as error:
        raise error.with_fields(remedy=error.remedy or "export it for another program: --to onnx") from None
    return [write_file(path, page.encode())]


WRITERS: Mapping[str, Callable[[Any, Path], Sequence[Path]]] = {
    "onnx": _write_onnx,
    "pytorch": _write_pytorch,
    "keras": _write_keras,
    "html": _write_html,
}
"""The functions that write the formats, and return the paths of their files."""
