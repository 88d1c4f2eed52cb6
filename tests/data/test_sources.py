from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.fields import has

from data.conftest import good, mute
from deltarule.data import digits, download, find, load, sources, status
from deltarule.errors import DataError, InvalidArgument


def origin(found):
    return found.name, found.where, found.why


def test_find_uses_the_given_path(tiny, tmp_path):
    place = tiny.put(tmp_path / "here" / "mnist").parent
    for name, path in (("mnist", place), ("auto", place), (place, None), (str(place), None)):
        found = find(name, path)
        assert origin(found) == ("mnist", str(place), "the given folder")
        assert found.data[0].name == "mnist training"


def test_find_prefers_the_environment_to_the_cache(tiny, tmp_path, monkeypatch):
    tiny.put(sources.find_cache_folder())
    monkeypatch.setenv("DELTARULE_DATA", str(tiny.put(tmp_path / "there")))
    for name in ("mnist", "auto"):
        assert origin(find(name)) == ("mnist", str(tmp_path / "there"), "the folder that DELTARULE_DATA names")


def test_find_prefers_the_cache_to_the_mirrors(tiny):
    tiny.put(sources.find_cache_folder())
    for name in ("mnist", "auto"):
        assert origin(find(name)) == ("mnist", str(sources.find_cache_folder()), "downloaded before")


def test_missing_data_are_downloaded_once(tiny, serve, monkeypatch):
    monkeypatch.setenv("DELTARULE_MIRRORS", serve(good(tiny.packed)))
    assert find().why == "downloaded just now"
    assert find().why == "downloaded before"
    assert len(serve.servers[0].asked) == 4


def test_a_damaged_cache_is_repaired(tiny, serve, monkeypatch):
    folder = tiny.put(sources.find_cache_folder())
    damaged = folder / "train-labels-idx1-ubyte"
    damaged.write_bytes(b"\0\0\x08\x01\0\0")
    with pytest.raises(DataError, match=rf"no connection.* repair the cache \({damaged}, header"):
        find("mnist")
    monkeypatch.setenv("DELTARULE_MIRRORS", serve(good(tiny.packed)))
    assert find("mnist").why == "downloaded just now"
    assert damaged.read_bytes() == tiny.contents[damaged.name]


@pytest.mark.parametrize("name", ["mnist", "auto"])
def test_a_given_folder_without_mnist_is_refused(name, tiny, tmp_path, monkeypatch):
    tiny.put(sources.find_cache_folder())
    monkeypatch.setenv("DELTARULE_DATA", str(tmp_path / "mistyped"))
    with pytest.raises(DataError, match="unset the variable", check=has(path="mistyped", argument="DELTARULE_DATA")):
        find(name)
    with pytest.raises(DataError, check=has(path="empty")):
        find(name, tmp_path / "empty")


def test_auto_is_the_digits_if_mnist_cannot_be_loaded(nowhere):
    found = find("auto")
    assert (found.name, found.where) == ("digits", str(digits.FOLDER))
    assert found.why.startswith("the small digits stand in for MNIST, which could not be loaded: ")
    assert "http://127.0.0.1:9/t10k-labels-idx1-ubyte.gz: expected the file, got no connection" in found.why
    assert "\n" not in found.why
    assert load()[0].name == "digits training"
    with pytest.raises(DataError, match="no connection"):
        find("mnist")


def test_a_dead_network_takes_a_few_seconds(nowhere, serve, monkeypatch):
    monkeypatch.setenv("DELTARULE_MIRRORS", f"{serve(mute)},{serve(mute)}")
    monkeypatch.setattr(download, "Limits", lambda: QUICK)
    began = time.monotonic()
    assert find("auto").name == "digits"
    assert time.monotonic() - began < 4
    assert sum(len(server.asked) for server in serve.servers) == 2


QUICK = download.Limits(answer=0.5, stall=0.5)


def test_the_default_limits_are_short():
    assert download.Limits().answer * len(download.MIRRORS) < 10


def test_offline_makes_no_request(nowhere, serve, monkeypatch):
    monkeypatch.setenv("DELTARULE_MIRRORS", serve(mute))
    monkeypatch.setenv("DELTARULE_OFFLINE", "1")
    assert "DELTARULE_OFFLINE" in find("auto").why
    with pytest.raises(DataError, match="DELTARULE_OFFLINE"):
        load("mnist")
    assert serve.servers[0].asked == []


def test_offline_can_be_switched_off(tiny, serve, monkeypatch):
    monkeypatch.setenv("DELTARULE_MIRRORS", serve(good(tiny.packed)))
    monkeypatch.setenv("DELTARULE_OFFLINE", "0")
    assert find("mnist").why == "downloaded just now"


def test_find_loads_the_digits_by_name(nowhere):
    assert origin(find("digits")) == ("digits", str(digits.FOLDER), "requested by name")


def test_find_loads_data_of_your_own_by_path(nowhere):
    path = nowhere / "waves.npz"
    np.savez(path, x=np.zeros((20, 3)), y=np.arange(20) % 2)
    for found in (find(str(path)), find(path), find("auto", path)):
        assert origin(found) == ("waves", str(path), "data of your own")
        assert [data.name for data in found.data] == ["waves training", "waves validation", "waves test"]


@pytest.mark.parametrize("here", [".", "..", "below/.."])
def test_relative_folders_have_a_name(nowhere, monkeypatch, here):
    place = nowhere / "shapes"
    for label in "ab":
        (place / label / "below").mkdir(parents=True)
        for i in range(3):
            Image.new("L", (4, 4)).save(place / label / f"{i}.png")
        (place / label / "below").rmdir()
    (place / ".below" / "below").mkdir(parents=True)
    monkeypatch.chdir({".": place, "..": place / ".below", "below/..": place / ".below"}[here])
    found = find("." if here == "." else ".." if here == ".." else "below/../..")
    assert (found.name, found.where, found.data[0].name) == ("shapes", str(place), "shapes training")


@pytest.mark.parametrize(
    ("arguments", "argument", "value"),
    [
        (("",), "name", ""),
        (("auto", ""), "path", ""),
        ((None,), "name", None),
        ((Path("mnist"),), "name", Path("mnist")),
        (("mnits",), "name", "mnits"),
        (("mnits", "here"), "name", "mnits"),
        (("/nowhere/pictures",), "name", "/nowhere/pictures"),
        (("mine.npz",), "name", "mine.npz"),
        (("digits", "here"), "path", "here"),
        (("mnist", None, (8, 8)), "size", (8, 8)),
    ],
)
def test_errors_name_the_argument(nowhere, arguments, argument, value):
    with pytest.raises(InvalidArgument, check=has(argument=argument, value=value)):
        find(*arguments)


def test_the_error_names_a_path_that_does_not_exist(nowhere):
    with pytest.raises(DataError, check=has(path="/nowhere/at/all")):
        find("auto", "/nowhere/at/all")


def test_status_of_an_empty_cache_and_of_a_full_one(tiny):
    assert [(r.name, r.size, r.checksum) for r in status()[:4]] == [(name, 0, "missing") for name in tiny.files]
    folder = tiny.put(sources.find_cache_folder(), ".gz")
    first, *others = tiny.files
    (folder / f"{first}.gz").write_bytes(b"<html>")
    records = status()
    assert [(r.name, r.checksum) for r in records] == [
        (first, "bad"),
        *((n, "ok") for n in others),
        *((name, "ok") for name in digits.FILES),
    ]
    assert (records[0].where, records[0].size) == (str(folder / f"{first}.gz"), 6)
    assert [r.where for r in records[-2:]] == [str(digits.FOLDER / name) for name in digits.FILES]


def test_the_cache_folder_belongs_to_deltarule(monkeypatch):
    monkeypatch.undo()
    assert sources.find_cache_folder().parts[-1] == "mnist"
    assert "deltarule" in sources.find_cache_folder().parts


def test_importing_data_imports_only_numpy():
    code = (
        "import sys, deltarule.data; heavy = 'PIL sklearn scipy pooch requests platformdirs jax rich'.split();"
        "sys.exit(', '.join(name for name in heavy if name in sys.modules) or None)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
