"""The search for η in a thread, which can be watched and stopped."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

from deltarule.core.regularizers import L2
from deltarule.errors import DeltaruleError
from deltarule.lab.run_records import Job
from deltarule.training import find_eta
from deltarule.training.eta_range import EtaTrial
from deltarule.training.training import Training


class Stop(Exception):
    """Raised in the thread of a search to end it."""


class EtaSearch:
    """A search for η by the library's :func:`find_eta`.

    >>> from deltarule import Network
    >>> from deltarule.data import load
    >>> train, validation, _ = load("digits")
    >>> search = EtaSearch(lambda: Job(Network.dense([64, 10]), train, validation))
    >>> search.wait()
    >>> search.status, search.describe()["recommended"] > 0
    ('done', True)
    """

    def __init__(self, build: Callable[[], Job], lmbda: float = 0.0) -> None:
        self.status, self.problem = "searching", ""
        self.trials: tuple[EtaTrial, ...] = ()
        self._result: dict[str, Any] = {}
        self._build, self._lmbda, self._owner = build, lmbda, threading.current_thread()
        self._thread = threading.Thread(target=self._work, name="search", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the search: it is "stopped" at once, and its thread ends after the computation that it is in."""
        if self.status == "searching":
            self.status = "stopped"
            thread = ctypes.c_ulong(self._thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Stop))

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the thread has ended."""
        self._thread.join(seconds)

    def describe(self) -> dict[str, Any]:
        """Describe the search as plain JSON: its ``status``, its trials by increasing η, and the result."""
        trials = sorted(self.trials, key=lambda trial: trial.eta)
        rows = [
            {"eta": one.eta, "start": one.costs[0][0], "cost": None if one.has_diverged else one.last[0],
             "falls": one.decreases} for one in trials
        ]  # fmt: skip
        return {"status": self.status, "problem": self.problem, "trials": rows, **self._result}

    def _work(self) -> None:
        try:
            job = self._build()
            training = Training(
                batch_size=job.batch_size, optimizer=job.optimizer, seed=job.seed,
                regularizer=L2(self._lmbda) if self._lmbda else None,
            )  # fmt: skip
            found = find_eta(job.network, job.train, training, watch=self._watch)
            self._result = {
                "threshold": found.threshold, "recommended": found.recommended_eta, "reliable": found.is_reliable
            }  # fmt: skip
            self._end("done")
        except Stop:
            self._end("stopped")
        except DeltaruleError as error:
            self._end("failed", str(error))
        except Exception as error:  # shown on the page, since nobody looks at the console
            self._end("failed", f"{type(error).__name__}: {error}")

    def _watch(self, trial: EtaTrial) -> None:
        if self.status != "searching" or not self._owner.is_alive():
            raise Stop
        self.trials = (*self.trials, trial)

    def _end(self, status: str, problem: str = "") -> None:
        if self.status == "searching":
            self.status, self.problem = status, problem
