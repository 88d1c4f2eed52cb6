"""Results of experiments: all runs of an experiment in one JSON file, from which its figure is drawn."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from deltarule import limits
from deltarule.core.constraints import Constraints, Validated, check, instance, number, whole
from deltarule.errors import FileError, InvalidArgument
from deltarule.experiments.records import Settings
from deltarule.files import write_file

FORMAT = 1

REMEDY = "move the file elsewhere and run the experiment again"

_FIGURE = instance((int, float), "a number, or true or false")


@dataclass(frozen=True)
class Run(Validated):
    """One run: its variant, seed and settings, and its figures and series or its error.

    ``date``, ``seconds``, ``command``, ``commit``, ``machine`` and ``versions`` record how it was made.
    """

    variant: str
    seed: int
    settings: Settings
    figures: Mapping[str, float | bool] = field(default_factory=dict)
    series: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0
    date: str = ""
    command: str = ""
    commit: str = ""
    machine: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    constraints: ClassVar[Constraints] = {
        **dict.fromkeys(("variant", "error", "date", "command", "commit", "machine"), instance(str, "a text")),
        **dict.fromkeys(("settings", "figures", "series", "versions"), instance(Mapping, "a mapping such as {}")),
        "seed": whole(0),
        "seconds": number(0),
    }

    @property
    def error_line(self) -> str:
        """The first line of its error.

        >>> Run("", 1, {}, error="lost\\nTraceback").error_line, Run("", 1, {}, error="\\n").error_line
        ('lost', 'an error without a message')
        """
        lines = (line.strip() for line in self.error.splitlines())
        return next(filter(None, lines), "an error without a message" if self.error else "")


@dataclass(frozen=True)
class Result:
    """All runs of an experiment, in full or in miniature (``quick``).

    >>> result = Result("ch1/coin", (Run("fair", 1, {}, {"heads": 51.0}), Run("fair", 2, {}, error="lost")))
    >>> result.variants, result.figures("heads", "fair"), result.first("fair").seed
    (['fair'], [51.0], 1)
    """

    id: str
    runs: tuple[Run, ...] = ()
    quick: bool = False

    @property
    def successful_runs(self) -> list[Run]:
        """The runs that ended without an error."""
        return [run for run in self.runs if not run.error]

    def runs_of(self, variant: str = "") -> list[Run]:
        """Return the successful runs of a variant, by seed."""
        return sorted((run for run in self.successful_runs if run.variant == variant), key=lambda run: run.seed)

    @property
    def variants(self) -> list[str]:
        """The variants with successful runs, in the order of the runs."""
        return list(dict.fromkeys(run.variant for run in self.successful_runs))

    def figures(self, name: str, variant: str = "") -> list[float]:
        """Return a figure of all runs of a variant: one value for each run."""
        return [run.figures[name] for run in self.runs_of(variant) if name in run.figures]

    def series(self, name: str, variant: str = "") -> list[Any]:
        """Return a series of all runs of a variant: one for each run."""
        return [run.series[name] for run in self.runs_of(variant) if name in run.series]

    def first(self, variant: str = "") -> Run:
        """Return the run with the lowest seed.

        Raises:
            FileError: If the variant has no successful run.
        """
        if not (runs := self.runs_of(variant)):
            raise FileError(
                f"expected runs of the variant {variant!r}, got none",
                position=self.id,
                remedy=f"run it: {format_run_command(self.id)}",
            )
        return runs[0]

    def with_run(self, run: Run) -> Result:
        """Return the result with one more run, which replaces a run of the same variant and seed."""
        others = [other for other in self.runs if (other.variant, other.seed) != (run.variant, run.seed)]
        return replace(self, runs=(*others, run))


def format_run_command(id: str, quick: bool = False) -> str:
    """Format the command that runs an experiment or its miniature."""
    return f"deltarule experiments run {id}" + (" --quick" if quick else "")


def locate_result(folder: Path, id: str) -> Path:
    """Return the path of an experiment's result."""
    return folder / f"{id}.json"


def read_result(path: Path) -> Result:
    """Read a result.

    Nothing is written, so a file with an error keeps its runs.

    Raises:
        FileError: If the file is missing, ends too early, is damaged, has another format or a run twice.
    """
    try:
        if (size := path.stat().st_size) > limits.RESULT_BYTES:
            remedy = limits.describe_remedy("RESULT_BYTES")
            raise FileError(f"expected at most {limits.RESULT_BYTES:,} bytes, got {size:,}", path=path, remedy=remedy)
        text = path.read_text(encoding="utf-8")
        return _parse_result(json.loads(text), path)
    except OSError as error:
        raise FileError(f"the file could not be read: {error.strerror or error}", path=path) from None
    except json.JSONDecodeError as error:
        early = "the file ends too early, as if half-written" if error.pos >= len(text.rstrip()) else str(error)
        raise _build_file_error(early, path) from None
    except (ValueError, KeyError, TypeError, RecursionError, InvalidArgument) as error:
        raise _build_file_error(str(error), path) from None


def _build_file_error(problem: str, path: Path) -> FileError:
    return FileError(f"expected the result of an experiment ({problem})", path=path, remedy=REMEDY)


def _parse_result(content: Any, path: Path) -> Result:
    """Build a result from a file's content.

    Raises:
        FileError: If the content has another format, or two runs with the same variant and seed.
        KeyError, TypeError, InvalidArgument: For an invalid part.
    """
    found = content.get("format") if isinstance(content, dict) else content
    if found != FORMAT or isinstance(found, bool):
        kind = f"format {FORMAT}, which this version reads"
        raise FileError(
            path=path,
            expected=f"the result of an experiment in {kind}",
            value=found if isinstance(found, int) else "no format",
            remedy=REMEDY,
        )
    check("id", content["id"], instance(str, "a text"), "the result")
    check("quick", content["quick"], instance(bool, "true or false"), "the result")
    check("runs", content["runs"], instance(list, "a list"), "the result")
    runs = tuple(map(_parse_run, content["runs"]))
    twice = [one for one, number in Counter((run.variant, run.seed) for run in runs).items() if number > 1]
    if twice:
        variant, seed = twice[0]
        of = f" of “{variant}”" if variant else ""
        raise FileError(
            f"expected each seed of a variant once, got seed {seed}{of} twice",
            path=path,
            remedy="delete one of the two runs from the file",
        )
    return Result(content["id"], runs, content["quick"])


def _parse_run(content: Mapping[str, Any]) -> Run:
    """Build a run from a file's content; raise :class:`TypeError` or :class:`InvalidArgument` for an invalid part."""
    check("run", content, instance(Mapping, "a mapping such as {}"))
    run = Run(**content)
    check_figures(run.figures)
    return run


def check_figures(figures: Mapping[str, Any]) -> None:
    """Raise :class:`InvalidArgument` for a figure that is neither a number nor a truth value."""
    for name, value in figures.items():
        check(name, value, _FIGURE, "the figures")


def read_or_create_result(folder: Path, id: str, quick: bool = False) -> Result:
    """Read the result of an experiment, or create an empty one if there is no file.

    Raises:
        FileError: If the file cannot be read, or holds the result of another experiment.
        InvalidArgument: If the file holds full runs and ``quick`` is true, or a miniature and it is false: one never
            replaces the other.
    """
    path = locate_result(folder, id)
    found = read_result(path) if path.exists() else Result(id, quick=quick)
    if found.id != id:
        raise FileError(path=path, expected=f"the result of {id}", value=found.id, remedy="move the file elsewhere")
    if found.quick != quick:
        expected, there = ("full runs", "a miniature") if found.quick else ("a miniature", "full runs")
        raise InvalidArgument(
            f"expected {expected}, but the file holds {there}", path=path, remedy="choose another folder"
        )
    return found


def write_result(folder: Path, result: Result) -> Path:
    """Write the result atomically, and return its path."""
    content = {"format": FORMAT, "id": result.id, "quick": result.quick, "runs": [asdict(run) for run in result.runs]}
    return write_file(locate_result(folder, result.id), (_format_json(content) + "\n").encode())


def _format_json(content: Mapping[str, Any]) -> str:
    """Format a result with one line for each field and series, so that a diff is readable."""
    runs = []
    for run in content["runs"]:
        series = run.pop("series")
        lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in run.items()]
        named = ",\n".join(f"   {json.dumps(name)}: {json.dumps(value)}" for name, value in series.items())
        runs.append("{\n" + ",\n".join([*lines, f'  "series": {{\n{named}\n  }}']) + "\n }")
    head = {name: value for name, value in content.items() if name != "runs"}
    return json.dumps(head)[:-1] + ', "runs": [\n ' + ",\n ".join(runs) + "\n]}"
