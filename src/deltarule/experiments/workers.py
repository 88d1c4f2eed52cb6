"""Who does the runs: this process, several of them by joblib, or the workers of a Dask or Ray cluster."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

from deltarule.errors import DeltaruleError, InvalidArgument, extra

T = TypeVar("T")
Found = TypeVar("Found")

ANSWER = 10
"""Seconds in which a cluster must answer."""

ARRIVE = 30
"""Seconds in which the first of its workers must be there."""

KEPT = "resume, as what was done is kept"


def finished_by(where: int | str, work: Callable[[T], Found], todo: Sequence[T]) -> Generator[Found]:
    """``work`` of each, as they are done: so many at a time, or on a cluster such as "dask://127.0.0.1:8786".

    Raises :class:`DeltaruleError` when a worker was killed or cannot do the work, and when no cluster answers.

    >>> sorted(finished_by(1, abs, [-2, 3]))
    [2, 3]
    """
    if isinstance(where, int):
        return _processes(where, work, todo) if where > 1 else (work(each) for each in todo)
    kind, _, address = where.partition("://")
    if kind == "dask" and re.fullmatch(r"(\[[\da-fA-F:]+\]|[^:/\s]+):\d+", address):
        return _dask(address, work, todo)
    if kind == "ray" and re.fullmatch(r"([^/\s]+:\d+)?", address):
        return _ray(where if address else None, work, todo)
    expected = "dask://host:port, ray://host:port, or ray for this machine"
    raise InvalidArgument(argument="where", expected=expected, value=where)


def _processes(jobs: int, work: Callable[[T], Found], todo: Sequence[T]) -> Generator[Found]:
    with extra("experiments", "several runs at a time"):
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.process_executor import BrokenProcessPool

    with parallel_config("loky", inner_max_num_threads=1):
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        try:
            with closing(parallel(delayed(_left_alone)(work, each) for each in todo)) as found:
                yield from found
        except BrokenProcessPool:
            raise DeltaruleError(
                "expected every process to finish its runs, got one that was killed, perhaps for want of memory",
                remedy=f"{KEPT}, with fewer at a time",
            ) from None


def _left_alone(work: Callable[[T], Found], each: T) -> Found:
    """In a process of its own: Ctrl-C at the terminal is for the one that started it, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return work(each)


# clusters by their own futures: joblib's bridge to Dask waits for ever for a run whose worker was killed


def _dask(address: str, work: Callable[[T], Found], todo: Sequence[T]) -> Generator[Found]:
    with extra("cluster", "a Dask cluster"):
        from distributed import Client, as_completed
    try:
        client = Client(f"tcp://{address}", timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError):
        raise DeltaruleError(
            f"expected a Dask scheduler at {address}, got no answer",
            remedy=f"start one with 'dask scheduler', and on each machine 'dask worker tcp://{address}'",
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=ARRIVE)
        except TimeoutError:
            raise DeltaruleError(
                f"expected workers of the Dask scheduler at {address}, got none",
                remedy=f"start them on each machine with 'dask worker tcp://{address}'",
            ) from None
        futures = client.map(work, todo, pure=False)
        try:
            for future in as_completed(futures, loop=client.loop):
                yield _result(future.result)
        finally:
            client.cancel(futures)


def _ray(address: str | None, work: Callable[[T], Found], todo: Sequence[T]) -> Generator[Found]:
    with extra("cluster", "a Ray cluster"):
        import ray
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (OSError, RuntimeError, ValueError) as error:
        raise DeltaruleError(
            f"expected a Ray cluster at {address or 'this machine'}, got no answer ({error})"
        ) from None
    try:
        waiting = [ray.remote(work).remote(each) for each in todo]
        while waiting:
            (done, *_), waiting = ray.wait(waiting)
            yield _result(partial(ray.get, done))
    finally:
        ray.shutdown()


def _result(ask: Callable[[], Any]) -> Any:
    """What a worker found; what it could not even begin, or did not survive, ends the runs."""
    try:
        return ask()
    except Exception as error:
        raise DeltaruleError(
            f"expected a worker of the cluster to do a run, got {type(error).__name__}: {error}",
            remedy=f"give it this deltarule, the data and enough memory, and {KEPT}",
        ) from error
