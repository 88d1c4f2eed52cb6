"""Runs in other processes and on a Dask cluster: they give the same results, and only the caller saves them."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from tests.fields import has

from deltarule.errors import DeltaruleError, InvalidArgument, MissingExtra
from deltarule.experiments import run as running
from deltarule.experiments.registry import EXPERIMENTS
from deltarule.experiments.result import locate_result, read_result
from deltarule.experiments.workers import map_unordered


def double(x: int) -> int:
    return 2 * x


def die(x: int) -> int:
    """Die like a process that the system kills."""
    os.kill(os.getpid(), signal.SIGKILL)
    return x


@pytest.fixture(scope="module")
def cluster():
    """Start a scheduler and two worker processes on this machine."""
    from dask import config
    from distributed import LocalCluster

    once = config.set({"distributed.scheduler.allowed-failures": 0})  # do not retry a run that kills its worker
    with once, LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as local:
        yield local.scheduler_address.replace("tcp", "dask")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
class TestDask:
    def test_two_workers_give_the_same_figures_as_one_process(self, cluster, tmp_path):
        one = EXPERIMENTS["ch1/nand"]
        todo = running.list_tasks(one, tmp_path / "there", quick=True)
        for task, finished in running.run_tasks(todo, tmp_path / "there", quick=True, cluster=cluster):
            assert task in todo
            assert finished.error == ""
        alone = running.run_once(one)
        kept = read_result(locate_result(tmp_path / "there", one.id))
        assert [run.figures for run in kept.runs] == [run.figures for run in alone.runs]
        results = {path for path in (tmp_path / "there").rglob("*") if running.RUNNING not in path.parts}
        assert sorted(path.name for path in results) == ["ch1", "nand.json"]

    def test_errors_arrive_with_their_traceback(self, cluster, tmp_path):
        todo = [running.Task("ch1/nand", "", 1, {})]
        ((_, finished),) = running.run_tasks(todo, tmp_path, cluster=cluster)
        lines = finished.error.splitlines()
        assert lines[:2] == ["KeyError: 'weights'", "Traceback (most recent call last):"]
        assert any(line.startswith('  File "deltarule/experiments/chapter1/') for line in lines)

    def test_a_killed_worker_ends_the_runs_but_not_the_cluster(self, cluster):
        with pytest.raises(DeltaruleError, match="KilledWorker"):
            list(map_unordered(cluster, die, [1]))
        assert sorted(map_unordered(cluster, double, [1, 2, 3])) == [2, 4, 6]


def test_local_processes():
    assert sorted(map_unordered(2, double, [1, 2, 3])) == [2, 4, 6]
    with pytest.raises(DeltaruleError, match="killed"):
        list(map_unordered(2, die, [1, 2]))


@pytest.mark.parametrize("address", ["dask://here", "dask://", "dask://a:b", "spark://127.0.0.1:1", "ray://x", ""])
def test_map_unordered_refuses_an_invalid_address(address):
    with pytest.raises(InvalidArgument, check=has(argument="where", value=address)):
        map_unordered(address, double, [1])


def test_no_scheduler_answers(monkeypatch):
    monkeypatch.setattr("deltarule.experiments.workers.ANSWER", 0.2)
    with pytest.raises(DeltaruleError, match=r"127\.0\.0\.1:9"):
        list(map_unordered("dask://127.0.0.1:9", double, [1]))


@pytest.mark.parametrize(("address", "package"), [("dask://127.0.0.1:9", "distributed"), ("ray", "ray")])
def test_missing_extra_is_named(monkeypatch, address, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package}.*deltarule\[cluster\]"):
        list(map_unordered(address, double, [1]))
