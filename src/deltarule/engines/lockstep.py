"""Several runs in step: each asks for its work in a thread of its own, and one program does the work of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

import numpy as np

from deltarule.core.optimizers import State
from deltarule.core.trees import Tree
from deltarule.engines.base import Engine, Epoch, Evaluation, Examples, Program, Stretch, Work


@dataclass(eq=False)
class Meeting:
    """Where ``members`` threads meet: when all that are left have asked for something, it is done at once."""

    engine: Engine
    members: int
    _asked: dict[int, Work] = field(default_factory=dict)
    _answers: dict[int, Any] = field(default_factory=dict)
    _left: int = 0
    _news: Condition = field(default_factory=Condition)

    def ask(self, member: int, work: Work) -> Any:
        """What a work comes to; waits for the works of the others. Raises what doing them raises, in all threads."""
        with self._news:
            self._asked[member] = work
            self._do_if_complete()
            self._news.wait_for(lambda: member in self._answers)
            answer = self._answers.pop(member)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @contextmanager
    def attend(self) -> Iterator[None]:
        """Within the block, a thread takes part; the others no longer wait for it afterwards."""
        try:
            yield
        finally:
            with self._news:
                self._left += 1
                self._do_if_complete()

    def _do_if_complete(self) -> None:
        if not self._asked or len(self._asked) < self.members - self._left:
            return
        asked, self._asked = self._asked, {}
        try:
            self._answers |= zip(asked, self.engine.compute_together(list(asked.values()), self.members), strict=True)
        except BaseException as error:  # every thread that waits has to hear of it
            self._answers |= dict.fromkeys(asked, error)
        self._news.notify_all()


@dataclass(frozen=True, eq=False)
class LockstepProgram:
    """The program of one member, whose steps and evaluations are done with those of the others."""

    program: Program
    meeting: Meeting
    member: int

    def place(self, examples: Examples) -> Examples:
        return self.program.place(examples)

    def params(self, tree: Tree) -> Tree:
        return self.program.params(tree)

    def gradients(self, params: Tree, examples: Examples) -> Tree:
        return self.program.gradients(params, examples)

    def warm_up(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, evaluated: Examples | None = None
    ) -> None:
        """Nothing: the program for all of them has been compiled before."""

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        work = Stretch(self.program, params, state, examples, epoch, start, stop)
        found: tuple[Tree, State, bool] = self.meeting.ask(self.member, work)
        return found

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        found: np.ndarray = self.meeting.ask(self.member, Evaluation(self.program, params, examples))
        return found
