"""Several runs in lockstep: each requests its work in a thread of its own, and one program does the work of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

import numpy as np

from deltarule.core.optimizers import State
from deltarule.core.trees import Tree
from deltarule.engines.base import Engine, Epoch, Evaluation, Program, Stretch, Work
from deltarule.engines.examples import Examples


@dataclass(eq=False)
class Meeting:
    """The meeting point of ``members`` threads: when all that still take part request work, it is done at once."""

    engine: Engine
    members: int
    _requests: dict[int, Work] = field(default_factory=dict)
    _answers: dict[int, Any] = field(default_factory=dict)
    _departures: int = 0
    _condition: Condition = field(default_factory=Condition)

    def request(self, member: int, work: Work) -> Any:
        """Return the result of a work, after the others have requested theirs; an error is raised in all threads."""
        with self._condition:
            self._requests[member] = work
            self._compute_if_complete()
            self._condition.wait_for(lambda: member in self._answers)
            answer = self._answers.pop(member)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @contextmanager
    def attend(self) -> Iterator[None]:
        """Take part within the block; afterwards the others no longer wait for this thread."""
        try:
            yield
        finally:
            with self._condition:
                self._departures += 1
                self._compute_if_complete()

    def _compute_if_complete(self) -> None:
        if not self._requests or len(self._requests) < self.members - self._departures:
            return
        works, self._requests = self._requests, {}
        try:
            self._answers |= zip(works, self.engine.compute_together(list(works.values()), self.members), strict=True)
        except BaseException as error:  # raised in every waiting thread
            self._answers |= dict.fromkeys(works, error)
        self._condition.notify_all()


@dataclass(frozen=True, eq=False)
class LockstepProgram:
    """The program of one member, whose steps and evaluations run together with those of the others."""

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
        """Do nothing: the program for all members is compiled before."""

    def run(
        self, params: Tree, state: State, examples: Examples, epoch: Epoch, start: int, stop: int
    ) -> tuple[Tree, State, bool]:
        work = Stretch(self.program, params, state, examples, epoch, start, stop)
        found: tuple[Tree, State, bool] = self.meeting.request(self.member, work)
        return found

    def weighted_inputs(self, params: Tree, examples: Examples) -> np.ndarray:
        found: np.ndarray = self.meeting.request(self.member, Evaluation(self.program, params, examples))
        return found
