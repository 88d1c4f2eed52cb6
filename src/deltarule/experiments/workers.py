"""Who does the runs: this process, several of them, or the workers of a Dask or Ray cluster, through joblib."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, TypeVar

from deltarule.errors import DeltaruleError, UsageError

T = TypeVar("T")
Found = TypeVar("Found")

ANSWER = 10
"""Seconds in which a cluster must answer."""


def finished_by(where: int | str, work: Callable[[T], Found], todo: Sequence[T]) -> Generator[Found]:
    """``work`` of each, as they are done: so many at a time, or on a cluster such as "dask://127.0.0.1:8786".

    >>> sorted(finished_by(1, abs, [-2, 3]))
    [2, 3]
    """
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    if not todo:
        return
    with _joblib(where) as jobs:
        parallel = Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        try:
            with closing(parallel(delayed(work)(each) for each in todo)) as found:
                yield from found
        except BrokenProcessPool:
            raise DeltaruleError(
                "a process that did one of the runs was killed, perhaps for want of memory; what was done is kept: "
                "go on with --resume, and fewer --jobs"
            ) from None


@contextmanager
def _joblib(where: int | str) -> Iterator[int]:
    """joblib's configuration, and the number of jobs it is to be given."""
    from joblib import parallel_config

    if isinstance(where, str):
        with _cluster(where):
            yield -1
    elif where == 1:
        with parallel_config("sequential"):
            yield 1
    else:
        with parallel_config("loky", inner_max_num_threads=1):
            yield where


def _cluster(text: str) -> AbstractContextManager[Any]:
    kind, _, address = text.partition("://")
    if kind == "dask" and re.fullmatch(r"(\[[\da-fA-F:]+\]|[^:/\s]+):\d+", address):
        return _dask(address)
    if kind == "ray" and (not address or re.fullmatch(r"[^/\s]+:\d+", address)):
        return _ray(text if address else None)
    raise UsageError(f"--cluster {text}: write dask://host:port, ray://host:port, or ray for this machine")


@contextmanager
def _dask(address: str) -> Iterator[None]:
    from joblib import parallel_config

    try:
        from distributed import Client
    except ImportError:
        raise _absent("dask", "distributed") from None
    try:
        client = Client(f"tcp://{address}", timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError):
        raise DeltaruleError(
            f"no Dask scheduler answers at {address}; start one with 'dask scheduler', "
            f"and on each machine 'dask worker tcp://{address}'"
        ) from None
    with client:
        if not client.ncores():
            raise DeltaruleError(
                f"the Dask scheduler at {address} has no workers; on each machine: dask worker tcp://{address}"
            )
        with parallel_config("dask", client=client, pure=False):
            yield


@contextmanager
def _ray(address: str | None) -> Iterator[None]:
    from joblib import parallel_config

    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise _absent("ray", "ray") from None
    try:
        ray.init(address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise DeltaruleError(f"no Ray cluster answers at {address}: {error}") from None
    register_ray()
    try:
        with parallel_config("ray"):
            yield
    finally:
        ray.shutdown()


def _absent(cluster: str, package: str) -> DeltaruleError:
    return UsageError(
        f"--cluster {cluster}://… needs {package}, which is not installed: pip install 'deltarule[cluster]'"
    )
