"""The run bar, the charts and the kept runs of the page Train, as a widget; and its choice of data."""

from __future__ import annotations

import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from deltarule.errors import DeltaruleError
from deltarule.lab import run_store, training_form, uploads
from deltarule.lab.figure import read_figure_script, read_figure_style
from deltarule.lab.pages import HERE
from deltarule.lab.run_records import Rates
from deltarule.lab.trainer import Trainer
from deltarule.lab.training_address import FormSettings, write_address

if TYPE_CHECKING:
    from marimo import Thread

SCRIPT = "training_board"
"""The name of the board's script and style sheet in ``widgets/``."""

PARTS = ("kept_runs.js",)
"""The scripts that it uses, beside those of all figures."""

EVERY = 0.2
"""Seconds between two looks at the current run."""

RARELY = 1.0
"""Seconds between two looks at its pictures and at the kept runs."""


class DataChoice(anywidget.AnyWidget):
    """The choice of data: ``sources`` are pairs of a name and a source, ``selected`` is the source.

    ``request`` is an upload that the page has sent, ``group`` the folder for the next one, ``message`` what became of
    the last one: its ``kind`` is "busy", "problem" or "note", and its ``lines`` are texts.
    """

    _esm = HERE / "data_choice.js"
    _css = HERE / "data_choice.css"
    sources: traitlets.List[Any] = traitlets.List().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    group = traitlets.Unicode("").tag(sync=True)
    request: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)
    message: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, settings: FormSettings) -> None:
        sources = list(training_form.list_sources().items())
        chosen = {"selected": settings.source, "label": settings.label}
        super().__init__(sources=sources, group=uploads.make_group(), **chosen)
        self._found: dict[str, Any] = {}

    @traitlets.observe("request")
    def _read(self, change: dict[str, Any]) -> None:
        """Start to read an upload in a thread."""
        request = change["new"]
        if request.get("group") != self.group:
            return
        self.message = {"kind": "busy", "lines": ["The lab reads the upload …"]}
        arguments = (self.group, str(request.get("label", "")).strip())
        threading.Thread(target=self._work, args=arguments, name="upload", daemon=True).start()

    def _work(self, group: str, label: str) -> None:
        folder = run_store.find_folder() / uploads.DATA / group
        path = uploads.find_data(folder) if folder.is_dir() else folder
        try:
            found = uploads.read_upload(str(path), label)
            lines = [*found.summary, *found.notes, *found.doubts]
            message = {"kind": "note", "lines": [f"{found.name} is ready.", *lines]}
            self._found = {"selected": str(path), "label": label, "message": message}
        except DeltaruleError as error:
            uploads.remove_upload(path)
            kept = "Nothing of it is kept; the data chosen before stay chosen."
            self._found = {"message": {"kind": "problem", "lines": [str(error), kept]}}

    def refresh(self) -> None:
        """Show what became of an upload."""
        if not self._found:
            return
        found, self._found = self._found, {}
        with self.hold_sync():
            self.group = uploads.make_group()
            self.sources = list(training_form.list_sources().items())
            for name, value in found.items():
                setattr(self, name, value)


class Board(anywidget.AnyWidget):
    """The run bar with η and λ, charts, pictures and the list of kept runs.

    ``command`` is the last command of the page (:meth:`Trainer.do`); the other traits are what the page shows:
    ``state`` is of one moment, ``address`` has the settings.
    """

    state: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)
    runs: traitlets.List[Any] = traitlets.List().tag(sync=True)
    search: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)
    pictures: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)
    choices: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)
    address = traitlets.Unicode("").tag(sync=True)
    command: traitlets.Dict[Any, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, data: DataChoice, settings: FormSettings) -> None:
        self.trainer, self.data, self._lock = Trainer(Rates(settings.eta, settings.lmbda)), data, threading.RLock()
        choices = {"eta": list(training_form.ETAS), "lmbda": list(training_form.LAMBDAS)}
        trainer = self.trainer
        super().__init__(
            state=trainer.describe(), runs=trainer.describe_runs(), choices=choices,
            address=write_address(settings, dict(data.sources)),
        )  # fmt: skip

    def set_form(self, **settings: Any) -> None:
        """Set the settings of the form for the next run."""
        self.trainer.settings = settings

    @traitlets.observe("command")
    def _do(self, change: dict[str, Any]) -> None:
        trainer = self.trainer
        trainer.settings = {**trainer.settings, "source": self.data.selected, "label": self.data.label}
        trainer.do(change["new"])
        self._show(runs=True)

    def _show(self, runs: bool) -> None:
        """Show the state now, and the kept runs."""
        with self._lock:
            self.state, self.search = self.trainer.describe(), self.trainer.describe_search()
            self.address = self._write_address()
            if runs:
                self.runs = self.trainer.describe_runs()

    def _write_address(self) -> str:
        """Write the settings of the page for its address."""
        if not self.trainer.settings:
            return self.address
        chosen = {**self.trainer.settings, "source": self.data.selected, "label": self.data.label}
        chosen["layers"] = tuple(chosen["layers"])
        settings = FormSettings(**chosen, **vars(self.trainer.rates))
        return write_address(settings, dict(self.data.sources))

    def watch(self, thread: Thread, owner: threading.Thread) -> None:
        """Show what changes, in a thread of the page, until its session ends."""
        next_look = 0.0
        while owner.is_alive() and not thread.should_exit:
            is_due = time.monotonic() >= next_look
            try:
                self._show(runs=is_due)
                self.data.refresh()
                if is_due:
                    self.pictures = self.trainer.look()
            except Exception as error:  # shown on the page, which must go on
                self.trainer.problem = f"this page cannot show all of the run: {type(error).__name__}: {error}"
            if is_due:
                next_look = time.monotonic() + RARELY
            time.sleep(EVERY)
        self.trainer.stop()


@cache
def _make_class() -> type[Board]:
    members = {"_esm": read_figure_script(SCRIPT, PARTS), "_css": read_figure_style(SCRIPT, PARTS)}
    return type("TrainingBoard", (Board,), members)


def make_board(data: DataChoice, settings: FormSettings) -> Board:
    """Make the widget, with the scripts of its charts."""
    return _make_class()(data, settings)
