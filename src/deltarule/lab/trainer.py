"""The runs of one page Train: it carries out commands, and describes the runs as plain JSON."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from deltarule.errors import DeltaruleError
from deltarule.lab import run_store, training_form
from deltarule.lab.eta_search import EtaSearch
from deltarule.lab.explanations import Explanation, explain_run, find_rise
from deltarule.lab.learner import Learner
from deltarule.lab.mistakes import MistakeReader, Mistakes
from deltarule.lab.run_records import FIRST_RATES, Job, Rates
from deltarule.lab.run_views import describe_curves, describe_kept, describe_status
from deltarule.lab.training_figures import render_first_weights
from deltarule.models.model import Model

MOST_SHOWN = 6
"""The most kept runs in the charts, beside the current one."""

LAST_CHECKPOINT = 5.0
"""The most seconds to wait for the last checkpoint of a run that was stopped."""

RATES = {"eta": Rates.eta, "lmbda": Rates.lmbda}


class Trainer:
    """The current run of a page, the search for η, and the kept runs.

    ``settings`` are the arguments of :func:`training_form.build_job`, which the page sets.
    """

    def __init__(self, rates: Rates = FIRST_RATES) -> None:
        self.settings: dict[str, Any] = {}
        self.rates = rates
        self.current: Learner | None = None
        self.search: EtaSearch | None = None
        self.problem = ""
        self._shown: dict[str, int] = {}
        self._runs = run_store.RunList()
        self._reader, self._mistakes = MistakeReader(), None
        self._read: Model | None = None
        self._explained: tuple[Any, ...] = ()
        self._explanation: Explanation | None = None
        self._lock = threading.Lock()

    _mistakes: Mistakes | None

    def do(self, command: Mapping[str, Any]) -> None:
        """Carry out a command of the page: its name is in ``do``, its arguments are the other entries."""
        actions: dict[str, Callable[..., None]] = {
            "start": self.start, "pause": self._pause, "continue": self._continue, "step": self._step,
            "stop": self.stop, "rates": self._change_rates, "find eta": self._find_eta, "resume": self._resume,
            "rename": self._rename, "show": self._show, "delete": self._delete,
        }  # fmt: skip
        arguments = {str(name): value for name, value in command.items() if name not in ("do", "n")}
        self.problem = ""
        try:
            if (action := actions.get(str(command.get("do", "")))) is not None:
                action(**arguments)
        except DeltaruleError as error:
            self.problem = str(error)
        except (TypeError, ValueError) as error:
            self.problem = f"the page sent a command that cannot be carried out: {error}"

    def start(self, **rates: Any) -> None:
        """Start a new run; the one before is stopped, and kept."""
        self._change_rates(**rates)
        self.stop()
        settings, now = dict(self.settings), self.rates
        names = [run.name for run in self._runs.read()]
        self.current = Learner(lambda: training_form.build_kept_job(settings, now, names), now)
        self.current.start()

    def stop(self) -> None:
        """Stop what runs: the current run, and the search for η."""
        if self.current is not None:
            self.current.stop()
        if self.search is not None:
            self.search.stop()

    def _pause(self) -> None:
        self._require_current().pause()

    def _continue(self) -> None:
        self._require_current().start()

    def _step(self) -> None:
        self._require_current().step()

    def _change_rates(self, **rates: Any) -> None:
        """Change η and λ, also of the current run."""
        numbers = {name: float(rates[name]) for name in RATES if name in rates}
        if not all(math.isfinite(value) and value >= 0 for value in numbers.values()):
            raise ValueError(f"η and λ must be numbers of at least 0, got {numbers}")
        self.rates = replace(self.rates, **numbers)
        if self.current is not None:
            self.current.change(**numbers)

    def _find_eta(self) -> None:
        """Search η for the network and the data of the form."""
        if self.search is not None:
            self.search.stop()
        settings = dict(self.settings)
        self.search = EtaSearch(lambda: training_form.build_job(**settings), self.rates.lmbda)

    def _resume(self, key: str) -> None:
        """Continue a kept run in its folder."""
        folder, before = run_store.find_run(key), self.current
        kept = next(run for run in self._runs.read() if run.key == key)
        self.stop()
        epochs, self.rates = int(self.settings.get("epochs") or training_form.EPOCHS), kept.rates
        same = before if before is not None and _find_key(before) == key else None
        self.current = Learner(lambda: training_form.build_further_job(folder, epochs), kept.rates, after=same)
        self._shown.pop(key, None)
        self.current.start()

    def _rename(self, key: str, name: str) -> None:
        run_store.rename_run(key, name)

    def _show(self, key: str, on: bool) -> None:
        """Show a kept run in the charts, or not."""
        self._shown.pop(key, None)
        if on:
            run_store.find_run(key)
            free = [colour for colour in range(1, MOST_SHOWN + 1) if colour not in self._shown.values()]
            if not free:
                self.problem = f"The charts show {MOST_SHOWN} kept runs already: hide one first."
            else:
                self._shown[key] = free[0]

    def _delete(self, key: str) -> None:
        """Delete a kept run; one that is training is refused."""
        own = self.current if self.current is not None and _find_key(self.current) == key else None
        if own is not None and own.has_ended:
            own.wait(LAST_CHECKPOINT)
        others = run_store.delete_run(key)
        self._shown.pop(key, None)
        if own is not None:
            self.current = None
        if others:
            folder = run_store.find_folder() / key
            self.problem = f"The run is deleted. Other files in {folder} stay: {', '.join(others)}."

    def _require_current(self) -> Learner:
        if self.current is None or self.current.has_ended:
            ended = "This run has ended: press start for a new run, or continue it in the list below."
            raise _NoRun(ended if self.current is not None else "There is no run yet: press start.")
        return self.current

    def describe(self) -> dict[str, Any]:
        """Describe the current run and the curves in the charts, all of the same moment."""
        current, curves = self.current, []
        run: dict[str, Any] = {"name": "", "status": "", "line": "", "problem": "", "steps": 0}
        key = "" if current is None else _find_key(current)
        known = self._runs.read(key)
        if current is not None:
            snapshot = current.snapshot
            name = str(current.job.notes.get(run_store.NOTE, {}).get("name", "")) if current.job else ""
            name = next((one.name for one in known if one.key == key and not one.problem), name)
            run = describe_status(snapshot, current.rates.eta, current.rates.lmbda, name)
            curves.append(describe_curves("this run", 0, snapshot.records, snapshot.costs, snapshot.steps_per_epoch))
        for kept in known:
            if kept.key in self._shown and kept.key != key:
                curves.append(describe_curves(kept.name, self._shown[kept.key], kept.records))
        return {
            "run": {**run, "key": key, "explanation": self._describe_explanation()},
            "problem": self.problem,
            "rates": {"eta": self.rates.eta, "lmbda": self.rates.lmbda},
            "curves": curves,
        }

    def describe_runs(self) -> list[dict[str, Any]]:
        """Describe the kept runs, the newest first."""
        current = None if self.current is None or self.current.has_ended else self.current
        key = "" if current is None else _find_key(current)
        rows = []
        for run in reversed(self._runs.read(key)):
            if current is not None and run.key == key:
                run = replace(run, records=current.snapshot.records, rates=current.rates, problem="")
            rows.append(describe_kept(run, 0 if run.key == key else self._shown.get(run.key), run.key == key))
        return rows

    def describe_search(self) -> dict[str, Any]:
        """Describe the search for η; empty before the first."""
        return {} if self.search is None else self.search.describe()

    def look(self) -> dict[str, str]:
        """Read validation examples with the current model, explain the run if needed, and return pictures in HTML."""
        current = self.current
        if current is None or current.job is None or (model := current.snapshot.model) is None:
            return {"weights": "", "mistakes": ""}
        if model is not self._read:
            self._mistakes, self._read = self._reader.read(model, current.job.validation), model
        self._explain(current, current.job)
        return {
            "weights": render_first_weights(model),
            "mistakes": self._mistakes.html if self._mistakes else "",
        }

    def _explain(self, current: Learner, job: Job) -> None:
        """Explain the run once for each of its epochs, statuses and rates, and when its cost begins to rise."""
        snapshot, rates = current.snapshot, current.rates
        state = (current, snapshot.status, len(snapshot.records), rates, find_rise(snapshot.costs) is None)
        if state != self._explained:
            confusions = None if self._mistakes is None else self._mistakes.confusions
            explanation = explain_run(snapshot, job, rates, confusions)
            with self._lock:
                self._explained, self._explanation = state, explanation

    def _describe_explanation(self) -> dict[str, Any] | None:
        with self._lock:
            known, found = self._explained, self._explanation
        if found is None or not known or known[0] is not self.current:
            return None
        return {**vars(found), "facts": list(found.facts)}


class _NoRun(DeltaruleError):
    """Raised for a command that needs a run."""


def _find_key(learner: Learner) -> str:
    """Return the key of a run, or "" as long as it has none."""
    folder: Path | None = None if learner.job is None else learner.job.folder
    return "" if folder is None else folder.name
