"""Runs by other processes and by a Dask cluster: the same results, kept by the caller alone."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from deltarule.errors import DeltaruleError, InvalidArgument, MissingExtra
from deltarule.experiments import run as running
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import path_of, read
from deltarule.experiments.workers import finished_by


def double(x: int) -> int:
    return 2 * x


def leave(x: int) -> int:
    """Dies as a process does that the system kills."""
    os.kill(os.getpid(), signal.SIGKILL)
    return x


@pytest.fixture(scope="module")
def cluster():
    """A real scheduler and two worker processes on this machine; ended at the end."""
    from dask import config
    from distributed import LocalCluster

    once = config.set({"distributed.scheduler.allowed-failures": 0})  # a run that kills its worker is not tried again
    with once, LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as local:
        yield local.scheduler_address.replace("tcp", "dask")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
class TestDask:
    def test_two_workers_find_what_one_process_finds(self, cluster, tmp_path):
        one = EXPERIMENTS["ch1/nand"]
        todo = running.tasks(one, tmp_path / "there", quick=True)
        for task, finished in running.run(todo, tmp_path / "there", quick=True, cluster=cluster):
            assert task in todo
            assert finished.error == ""
        alone = running.run_once(one)
        kept = read(path_of(tmp_path / "there", one.id))
        assert [run.figures for run in kept.runs] == [run.figures for run in alone.runs]
        results = {path for path in (tmp_path / "there").rglob("*") if running.RUNNING not in path.parts}
        assert sorted(path.name for path in results) == ["ch1", "nand.json"]

    def test_errors_arrive_whole(self, cluster, tmp_path):
        todo = [running.Task("ch1/nand", "", 1, {})]
        ((_, finished),) = running.run(todo, tmp_path, cluster=cluster)
        told = finished.error.splitlines()
        assert told[:2] == ["KeyError: 'weights'", "Traceback (most recent call last):"]
        assert any(line.startswith('  File "deltarule/experiments/chapter1/') for line in told)

    def test_a_worker_that_is_killed_ends_the_runs_and_not_the_cluster(self, cluster):
        with pytest.raises(DeltaruleError, match="expected a worker of the cluster to do a run, got KilledWorker"):
            list(finished_by(cluster, leave, [1]))
        assert sorted(finished_by(cluster, double, [1, 2, 3])) == [2, 4, 6]


def test_processes_of_this_machine():
    assert sorted(finished_by(2, double, [1, 2, 3])) == [2, 4, 6]
    with pytest.raises(
        DeltaruleError, match="was killed, perhaps for want of memory; resume, as what was done is kept"
    ):
        list(finished_by(2, leave, [1, 2]))


@pytest.mark.parametrize("address", ["dask://here", "dask://", "dask://a:b", "spark://127.0.0.1:1", "ray://x", ""])
def test_addresses_that_cannot_be_meant(address):
    with pytest.raises(InvalidArgument, match="where: expected dask://host:port"):
        finished_by(address, double, [1])


def test_no_one_answers(monkeypatch):
    monkeypatch.setattr("deltarule.experiments.workers.ANSWER", 0.2)
    with pytest.raises(DeltaruleError, match=r"a Dask scheduler at 127\.0\.0\.1:9, got no answer; start one"):
        list(finished_by("dask://127.0.0.1:9", double, [1]))


@pytest.mark.parametrize(("address", "package"), [("dask://127.0.0.1:9", "distributed"), ("ray", "ray")])
def test_without_the_extra(monkeypatch, address, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"expected the package {package}, .*: pip install 'deltarule\[cluster\]'"):
        list(finished_by(address, double, [1]))
