"""deltarule train: train a network, with a line for each epoch, and save it after each epoch."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltarule.cli.commands import HelpAll
from deltarule.cli.confidence import keep_confidence
from deltarule.cli.console import choose_console, emit
from deltarule.cli.options import OF_DATA, OF_EXECUTION, OF_RECIPE, OF_RUN, OF_SIZES, add_options, build_execution
from deltarule.cli.shared_options import Data, Json
from deltarule.cli.training_report import print_result, record_result

if TYPE_CHECKING:
    from deltarule.data import Source
    from deltarule.engines.execution import Execution
    from deltarule.models.predictor import Predictor

EXAMPLE = """
[bold]Examples[/]: the book's first network, and a better one:

  deltarule train --cost quadratic --init large --eta 3 --out runs/first

  deltarule train --data mnist --net 784-100-10 --l2 5 --keep-best

A named network brings its own settings; each option changes one of them:

  deltarule train --net book-conv --epochs 5 --eta 0.05

A table of your own:

  deltarule train --data patients.csv --label ill --missing median

A trained network, trained further on pictures of your own:

  deltarule train --from runs/first --data my_digits --eta 0.05
"""


@add_options(["net", *OF_DATA, *OF_RECIPE, *OF_SIZES, *OF_EXECUTION, *OF_RUN])
def train(data: Data = "auto", json: Json = False, help_all: HelpAll = False, **given: Any) -> None:
    """Train a network and save it; each epoch prints a line."""
    console = choose_console(json)
    execution = build_execution(given)
    if (folder := given["resume"]) is not None:
        from deltarule.cli.resume import resume_run

        model, found = resume_run(folder, data, given, console)
    else:
        from deltarule.cli.warm_start import check_start

        check_start(given)
        if given["folds"] is not None:
            from deltarule.cli.folds import train_folds

            train_folds(data, given, execution, console, shlex.join(sys.argv[1:]), json)
            return
        from deltarule.cli.new_run import start_run

        folder, model, found = start_run(data, given, execution, console)
    _finish(folder, model, found, execution, json)


train.__doc__ = f"{train.__doc__}\n{EXAMPLE}"


def _finish(folder: Path, model: Predictor, found: Source, execution: Execution, as_json: bool) -> None:
    """Record and print the result in process 0; print one line in another process."""
    process, processes = execution.process, execution.processes
    if process == 0:
        model = keep_confidence(folder, model, found)
        result = record_result(folder, model, found)
        if as_json:
            emit(result)
        else:
            print_result(result, model, found.data[2], choose_console(as_json))
    elif as_json:
        emit({"process": process, "processes": processes, "parameters_sha256": model.parameters_sha256})
    else:
        choose_console(as_json).print(f"Process {process} of {processes} is done; process 0 has the result")
