from __future__ import annotations

import io
import multiprocessing
import os
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from tests.fields import has
from tests.slow import with_slow

from data.conftest import drip, forbidden, good, html, mute, stalled, truncated
from deltarule.data import idx
from deltarule.data.download import MIRRORS, Limits, fetch, mirrors_from_environment
from deltarule.errors import DataError, InvalidArgument

QUICK = Limits(answer=1.0, stall=0.8, total=2.0)
NOBODY = "http://127.0.0.1:9/"


def assert_all_there(tiny, folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(tiny.files)
    for name, array in tiny.arrays.items():
        np.testing.assert_array_equal(idx.read_idx(folder / name), array)


def test_fetch_downloads_all_files(tiny, serve, tmp_path):
    folder = tmp_path / "new" / "mnist"
    fetch(tiny.files, folder, [serve(good(tiny.packed))], QUICK)
    assert_all_there(tiny, folder)
    assert serve.servers[0].asked == [f"/mnist/{name}.gz" for name in tiny.files]


def test_a_mirror_may_serve_decompressed_files(tiny, serve, tmp_path):
    fetch(tiny.files, tmp_path / "mnist", [serve(good(tiny.contents))], QUICK)
    assert_all_there(tiny, tmp_path / "mnist")


def test_fetch_downloads_only_missing_and_wrong_files(tiny, serve, tmp_path):
    folder = tiny.put(tmp_path / "mnist")
    wrong, missing, *_ = tiny.files
    (folder / wrong).write_bytes(tiny.contents[wrong][:-1] + b"\xff")
    (folder / missing).unlink()
    fetch(tiny.files, folder, [serve(good(tiny.packed))], QUICK)
    assert_all_there(tiny, folder)
    assert serve.servers[0].asked == [f"/mnist/{wrong}.gz", f"/mnist/{missing}.gz"]


BAD_MIRRORS = {
    "a page in place of data": (lambda tiny: html, "got b'<htm'"),
    "403": (lambda tiny: forbidden, "got the answer 403 Forbidden"),
    "silence": (lambda tiny: mute, "got no answer"),
    "a body cut short": (lambda tiny: truncated(tiny.packed), "got a connection that broke off"),
    "a body that stalls": (lambda tiny: stalled, "got too little in"),
    "a body that trickles": (lambda tiny: drip, "got too little in"),
    "other data": (
        lambda tiny: good(dict.fromkeys(tiny.files, idx.write_idx(np.ones(3, np.uint8)))),
        "the published file, got another",
    ),
    "too much": (lambda tiny: lambda handler: handler.say(bytes(300_000)), "expected 200,000 bytes at most"),
    "no host": (lambda tiny: None, "got no connection"),
}


@pytest.mark.parametrize("case", with_slow(BAD_MIRRORS, "silence", "a body that trickles"))
def test_fetch_tries_the_next_mirror_after_a_failure(case, tiny, serve, tmp_path):
    make, reason = BAD_MIRRORS[case]
    answer = make(tiny)
    bad = serve(answer) if answer else NOBODY
    limits = replace(QUICK, size=200_000, retries=0)
    began = time.monotonic()
    with pytest.raises(DataError) as raised:
        fetch(tiny.files, tmp_path / "mnist", [bad], limits)
    assert time.monotonic() - began < 4
    assert f"{bad}{next(iter(tiny.files))}.gz" in raised.value.problem
    assert reason in raised.value.problem
    assert "DELTARULE_DATA" in raised.value.remedy
    assert not (tmp_path / "mnist").exists(), "no folder is created without a file"

    fetch(tiny.files, tmp_path / "mnist", [bad, serve(good(tiny.packed))], limits)
    assert_all_there(tiny, tmp_path / "mnist")


def test_the_error_has_the_reason_of_each_mirror(tiny, serve, tmp_path):
    mirrors = [serve(forbidden), NOBODY, serve(html)]
    with pytest.raises(DataError) as raised:
        fetch(tiny.files, tmp_path, mirrors, QUICK)
    name = next(iter(tiny.files))
    assert raised.value.path == name
    first, second, third = raised.value.problem.split("; ")
    assert first.endswith(f"{mirrors[0]}{name}.gz: expected the file, got the answer 403 Forbidden")
    assert second == f"{mirrors[1]}{name}.gz: expected the file, got no connection"
    assert third.startswith(f"{mirrors[2]}{name}.gz, first four bytes: expected")


def test_fetch_retries_a_transfer_that_broke_off(tiny, serve, tmp_path):
    answers = iter([truncated(tiny.packed)])
    answer = good(tiny.packed)
    fetch(tiny.files, tmp_path / "mnist", [serve(lambda handler: next(answers, answer)(handler))], QUICK)
    assert_all_there(tiny, tmp_path / "mnist")
    assert len(serve.servers[0].asked) == 5


def test_fetch_asks_a_mirror_that_refuses_only_once(tiny, serve, tmp_path):
    with pytest.raises(DataError):
        fetch(tiny.files, tmp_path, [serve(forbidden)], QUICK)
    assert len(serve.servers[0].asked) == 1


def test_fetch_keeps_the_files_of_an_incomplete_mirror(tiny, serve, tmp_path):
    last = list(tiny.files)[-1]
    lacking = serve(lambda handler: (forbidden if last in handler.path else good(tiny.packed))(handler))
    fetch(tiny.files, tmp_path / "mnist", [lacking, serve(good(tiny.packed))], QUICK)
    assert_all_there(tiny, tmp_path / "mnist")
    assert serve.servers[1].asked == [f"/mnist/{last}.gz"]


def test_the_error_names_a_file_that_cannot_be_written(tiny, serve, tmp_path):
    (tmp_path / "mnist").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="expected to write", check=has(path="t10k-labels-idx1-ubyte")):
        fetch(tiny.files, tmp_path / "mnist", [serve(good(tiny.packed))], QUICK)


def test_a_full_disk_leaves_no_files(tiny, serve, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DataError, match="No space left on device"):
        fetch(tiny.files, tmp_path, [serve(good(tiny.packed))], QUICK)
    assert list(tmp_path.iterdir()) == []


def test_without_mirrors_the_error_has_a_remedy(tiny, tmp_path):
    with pytest.raises(DataError, match="no mirror", check=has(path=next(iter(tiny.files)))):
        fetch(tiny.files, tmp_path, [])


def test_two_processes_can_download_at_once(tiny, serve, tmp_path):
    url = serve(good(tiny.packed))
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=fetch, args=(tiny.files, tmp_path / "mnist", [url])) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(20)
    assert [process.exitcode for process in both] == [0, 0]
    assert_all_there(tiny, tmp_path / "mnist")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stderr", "is_shown"), [(Terminal(), True), (io.StringIO(), False)], ids=["terminal", "pipe"])
def test_a_progress_bar_is_shown_only_in_a_terminal(stderr, is_shown, tiny, serve, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stderr)
    fetch(tiny.files, tmp_path / "mnist", [serve(good(tiny.packed))], QUICK)
    assert ("train-images-idx3-ubyte.gz: 100%" in stderr.getvalue()) == is_shown
    assert stderr.getvalue().rstrip("\r").endswith(" " * is_shown), "the line is cleared"
    assert_all_there(tiny, tmp_path / "mnist")


def test_mirrors_come_from_the_environment(monkeypatch):
    monkeypatch.delenv("DELTARULE_MIRRORS", raising=False)
    assert mirrors_from_environment() == MIRRORS
    monkeypatch.setenv("DELTARULE_MIRRORS", "http://a/mnist, https://b/ ,")
    assert mirrors_from_environment() == ("http://a/mnist", "https://b/")
    monkeypatch.setenv("DELTARULE_MIRRORS", "/a/folder")
    with pytest.raises(InvalidArgument, check=has(argument="DELTARULE_MIRRORS", value="/a/folder")):
        mirrors_from_environment()
