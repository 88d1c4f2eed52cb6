"""A line about the engine before the first step: its change in a resumed run, or why the native engine is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from deltarule.cli.console import escape
from deltarule.engines.native_library import find_fault
from deltarule.training.callbacks import Callback
from deltarule.training.engine_changes import format_engine, select_engine
from deltarule.training.plan import Moment

if TYPE_CHECKING:
    from rich.console import Console


class EngineLine(Callback):
    """A callback that prints what ``describe`` says of the start of the first training, unless it is empty."""

    first_process_only = True

    def __init__(self, console: Console, describe: Callable[[Moment], str]) -> None:
        self.console, self.describe = console, describe
        self._is_done = False

    def on_start(self, moment: Moment) -> None:
        if not self._is_done and (line := self.describe(moment)):
            self.console.print(escape(line))
        self._is_done = True


def explain_absence(moment: Moment) -> str:
    """Explain why the native engine is missing where it may have been chosen; otherwise return an empty line."""
    plan = moment.plan
    is_asked = plan.execution.engine != "auto" or plan.execution.is_distributed
    if is_asked or plan.engine.name == "native" or _is_on_accelerator(plan.engine.name) or not (fault := find_fault()):
        return ""
    return f"The native engine does not work here ({fault}); training with {plan.engine.name}; see: deltarule info"


def _is_on_accelerator(engine: str) -> bool:
    if engine != "jax":
        return False
    from deltarule.engines.jax_setup import is_on_cpu

    return not is_on_cpu()


def describe_change(before: Mapping[str, Any], moment: Moment) -> str:
    """Describe another engine than in the settings ``before``, of the run so far; otherwise return an empty line."""
    old, new = select_engine(before), select_engine(moment.plan.settings)
    if old == new:
        return ""
    return f"Engine: {format_engine(new)} from epoch {moment.at.epoch + 1} on, before: {format_engine(old)}"
