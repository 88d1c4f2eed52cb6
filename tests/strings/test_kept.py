"""The reader is taught once, and found again."""

from __future__ import annotations

import pytest

from deltarule.errors import DataError
from deltarule.strings import kept


@pytest.fixture
def taught(monkeypatch, tmp_path, reader):
    """How often the reader was taught, in a cache of its own."""
    times: list[int] = []

    def learn(training, seed):
        times.append(seed)
        return reader

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "learn", learn)
    monkeypatch.setattr(kept, "load_data", lambda name: (None, None, None))
    monkeypatch.setattr(kept, "place", lambda: tmp_path / "strings" / "reader.safetensors")
    return times


def test_it_is_taught_once_and_said_before(taught, reader):
    said: list = []
    first = kept.reader(said.append)
    second = kept.reader(said.append)
    assert len(taught) == 1
    assert said == [kept.place()]
    assert first.parameters_sha256 == second.parameters_sha256 == reader.parameters_sha256


def test_a_damaged_file_is_replaced(taught):
    kept.place().parent.mkdir(parents=True)
    kept.place().write_bytes(b"no model")
    kept.reader()
    assert len(taught) == 1
    assert len(kept.reader().classes) == 11


def test_without_mnist_it_says_so(taught, monkeypatch):
    def nothing(name):
        raise DataError("there is no MNIST")

    monkeypatch.setattr(kept, "load_data", nothing)
    with pytest.raises(DataError, match="there is no MNIST"):
        kept.reader()
    assert taught == []


def test_its_place_tells_how_it_was_taught(tmp_path):
    place = kept.place()
    assert place.parts[-2] == "strings"
    assert place == kept.place()
    assert place.suffix == ".safetensors"
