"""Results of experiments: runs by variant and seed, in a JSON file each; a figure is drawn from it alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from deltarule.core.constraints import Constraints, Validated, check, instance, number, whole
from deltarule.errors import FileError, InvalidArgument
from deltarule.experiments.records import Settings
from deltarule.files import write_file

FORMAT = 1

_FIGURE = instance((int, float), "a number, or true or false")


@dataclass(frozen=True)
class Run(Validated):
    """One run: its variant and seed, all its settings, and what it found, or the error it met.

    ``machine``, ``versions``, ``commit`` and ``command`` say what made it, ``date`` and ``seconds`` when
    and how fast.
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


@dataclass(frozen=True)
class Result:
    """All runs of an experiment, in full or in miniature (``quick``)."""

    id: str
    runs: tuple[Run, ...] = ()
    quick: bool = False

    def of(self, variant: str = "") -> list[Run]:
        """The runs of a variant that found something, by seed."""
        found = [run for run in self.runs if run.variant == variant and not run.error]
        return sorted(found, key=lambda run: run.seed)

    @property
    def variants(self) -> list[str]:
        """The variants that were run, in the order of the experiment's runs."""
        return list(dict.fromkeys(run.variant for run in self.runs if not run.error))

    def figures(self, name: str, variant: str = "") -> list[float]:
        """A figure, one value a run."""
        return [run.figures[name] for run in self.of(variant) if name in run.figures]

    def series(self, name: str, variant: str = "") -> list[Any]:
        """A series, one a run."""
        return [run.series[name] for run in self.of(variant) if name in run.series]

    def first(self, variant: str = "") -> Run:
        """The run with the lowest seed; raises :class:`FileError` if there is none."""
        if not (runs := self.of(variant)):
            raise FileError(
                f"expected runs of the variant {variant!r}, got none",
                position=self.id,
                remedy=f"run it: {repeat(self.id)}",
            )
        return runs[0]

    def with_run(self, run: Run) -> Result:
        """The result with one more run, in the place of the same one before."""
        others = [other for other in self.runs if (other.variant, other.seed) != (run.variant, run.seed)]
        return replace(self, runs=(*others, run))


def repeat(id: str, quick: bool = False) -> str:
    """The command that runs an experiment, or its miniature."""
    return f"deltarule experiments run {id}" + (" --quick" if quick else "")


def path_of(folder: Path, id: str) -> Path:
    """The file of an experiment's result."""
    return folder / f"{id}.json"


def read(path: Path) -> Result:
    """A result from its file; raises :class:`FileError` if it is missing, damaged or of another form."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise FileError(
                path=path,
                expected=f"format {FORMAT}, which this deltarule reads",
                value=content["format"],
                remedy="run it anew",
            )
        return Result(str(content["id"]), tuple(map(_run, content["runs"])), bool(content["quick"]))
    except OSError as error:
        raise FileError(f"expected to read it, got {str(error.strerror or error)!r}", path=path) from None
    except (ValueError, KeyError, TypeError, InvalidArgument) as error:
        raise FileError(
            f"expected the result of an experiment, got another content ({error})",
            path=path,
            remedy="remove it and run it anew",
        ) from None


def _run(content: Mapping[str, Any]) -> Run:
    """A run of a file; raises :class:`TypeError` or :class:`InvalidArgument` unless each part is what it must be."""
    run = Run(**content)
    check_figures(run.figures)
    return run


def check_figures(figures: Mapping[str, Any]) -> None:
    """Raises :class:`InvalidArgument` for a figure that is neither a number nor whether something holds."""
    for name, value in figures.items():
        check(name, value, _FIGURE, "the figures")


def read_or_new(folder: Path, id: str, quick: bool = False) -> Result:
    """The result so far; an empty one where there is none.

    Raises :class:`InvalidArgument` where the file holds full runs and a miniature is meant, or the other way
    round: one never takes the place of the other.
    """
    path = path_of(folder, id)
    found = read(path) if path.exists() else Result(id, quick=quick)
    if found.quick != quick:
        there = "a miniature" if found.quick else "full runs"
        raise InvalidArgument(
            path=path,
            argument="quick",
            expected=f"{found.quick}, as it holds {there}, which others do not replace",
            value=quick,
            remedy="choose another folder",
        )
    return found


def write(folder: Path, result: Result) -> Path:
    """Writes the result, whole or not at all, and returns its file."""
    content = {"format": FORMAT, "id": result.id, "quick": result.quick, "runs": [asdict(run) for run in result.runs]}
    return write_file(path_of(folder, result.id), (_json(content) + "\n").encode())


def _json(content: Mapping[str, Any]) -> str:
    """One line a series or figure, so that changes can be read."""
    runs = []
    for run in content["runs"]:
        series = run.pop("series")
        lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in run.items()]
        named = ",\n".join(f"   {json.dumps(name)}: {json.dumps(value)}" for name, value in series.items())
        runs.append("{\n" + ",\n".join([*lines, f'  "series": {{\n{named}\n  }}']) + "\n }")
    head = {name: value for name, value in content.items() if name != "runs"}
    return json.dumps(head)[:-1] + ', "runs": [\n ' + ",\n ".join(runs) + "\n]}"
