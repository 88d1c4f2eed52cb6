"""Parallel runs: in this process, in several by joblib, or on the workers of a Dask or Ray cluster."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

from deltarule.errors import DeltaruleError, InvalidArgument, require_extra

T = TypeVar("T")
R = TypeVar("R")

ANSWER = 10
"""Seconds to wait for a cluster's answer."""

ARRIVE = 30
"""Seconds to wait for its first worker."""

RESUME = "resume: the finished runs are saved"


def map_unordered(where: int | str, work: Callable[[T], R], todo: Sequence[T]) -> Generator[R]:
    """Apply ``work`` to each item of ``todo``, and yield the outcomes as they come.

    Args:
        where: The number of processes, or a cluster such as ``"dask://127.0.0.1:8786"``.
        work: The function to apply.
        todo: Its arguments.

    Raises:
        InvalidArgument: For an invalid address.
        DeltaruleError: If a worker was killed or fails, or the cluster does not answer.

    >>> sorted(map_unordered(1, abs, [-2, 3]))
    [2, 3]
    """
    if isinstance(where, int):
        return _map_processes(where, work, todo) if where > 1 else (work(each) for each in todo)
    kind, _, address = where.partition("://")
    if kind == "dask" and re.fullmatch(r"(\[[\da-fA-F:]+\]|[^:/\s]+):\d+", address):
        return _map_dask(address, work, todo)
    if kind == "ray" and re.fullmatch(r"([^/\s]+:\d+)?", address):
        return _map_ray(where if address else None, work, todo)
    expected = "dask://host:port, ray://host:port, or ray for this machine"
    raise InvalidArgument(argument="where", expected=expected, value=where)


def _map_processes(jobs: int, work: Callable[[T], R], todo: Sequence[T]) -> Generator[R]:
    with require_extra("experiments", "several runs at a time"):
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.process_executor import BrokenProcessPool

    with parallel_config("loky", inner_max_num_threads=1):
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        try:
            with closing(parallel(delayed(_work_without_interrupts)(work, each) for each in todo)) as found:
                yield from found
        except BrokenProcessPool:
            raise DeltaruleError(
                "a process was killed, perhaps because memory ran out",
                remedy=f"{RESUME}; use fewer processes",
            ) from None


def _work_without_interrupts(work: Callable[[T], R], each: T) -> R:
    """Do the work in a child process, which ignores Ctrl-C: the parent process handles it and ends the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return work(each)


# clusters by their own futures: joblib's Dask backend waits forever for a run whose worker was killed


def _map_dask(address: str, work: Callable[[T], R], todo: Sequence[T]) -> Generator[R]:
    with require_extra("cluster", "a Dask cluster"):
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
                yield _collect(future.result)
        finally:
            client.cancel(futures)


def _map_ray(address: str | None, work: Callable[[T], R], todo: Sequence[T]) -> Generator[R]:
    with require_extra("cluster", "a Ray cluster"):
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
            yield _collect(partial(ray.get, done))
    finally:
        ray.shutdown()


def _collect(get: Callable[[], Any]) -> Any:
    """Return a worker's outcome; raise :class:`DeltaruleError` if it was killed or could not start the work."""
    try:
        return get()
    except Exception as error:
        raise DeltaruleError(
            f"a worker of the cluster failed: {type(error).__name__}: {error}",
            remedy=f"check that it has this version of deltarule, the data and enough memory, and {RESUME}",
        ) from error
