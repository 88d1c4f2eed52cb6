"""Uploads: names, sizes, and a process with limits that reads them as the product's own readers do."""

from __future__ import annotations

import asyncio
import gzip
import io
import sys
import zipfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.requests import ClientDisconnect
from tests.lab.browser import Lab
from tests.lab.test_server import request

from deltarule.data import find
from deltarule.errors import DataError
from deltarule.lab import run_store, training_form, uploads
from deltarule.lab.upload_result import read_result, write_result

GROUP = "0123456789ab"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the runs, with the uploads."""
    monkeypatch.setenv(run_store.RUNS, str(tmp_path / "runs"))
    return tmp_path / "runs"


def keep(folder: Path, name: str, content: bytes, group: str = GROUP) -> str:
    path = folder / uploads.DATA / group / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(uploads.find_data(path.parent))


def write_table() -> bytes:
    random = np.random.default_rng(0)
    rows = [
        f"{'ab'[i % 2]},{['clay', 'sand'][i % 3 == 0]},{value:.3f}" for i, value in enumerate(random.normal(size=60))
    ]
    return "\n".join(["kind,soil,width", *rows]).encode()


def write_arrays() -> bytes:
    random, file = np.random.default_rng(0), io.BytesIO()
    np.savez(file, x=random.integers(0, 256, (60, 6, 6), np.uint8), y=np.arange(60) % 3)
    return file.getvalue()


def write_pictures(**extra: bytes) -> bytes:
    random, file = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(24):
            picture = io.BytesIO()
            Image.fromarray(random.integers(0, 256, (8, 8), np.uint8)).save(picture, "PNG")
            archive.writestr(f"letters/{'ab'[i % 2]}/{i}.png", picture.getvalue())
        for name, content in {"__MACOSX/x.png": b"x", "letters/.DS_Store": b"x", **extra}.items():
            archive.writestr(name, content)
    return file.getvalue()


def write_idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def test_tables_arrays_pictures_and_idx_files_are_read(folder: Path) -> None:
    random = np.random.default_rng(0)
    table = uploads.read_upload(keep(folder, "soil.csv", write_table(), "00000000000a"))
    assert (table.data[0].classes, table.data[0].schema is None) == (("a", "b"), False)
    arrays = uploads.read_upload(keep(folder, "a.npz", write_arrays(), "00000000000b"))
    assert (arrays.data[0].x.shape[1:], arrays.data[0].classes) == ((6, 6), ("0", "1", "2"))
    pictures = uploads.read_upload(keep(folder, "p.zip", write_pictures(), "00000000000c"))
    assert (pictures.data[0].classes, pictures.data[0].x.shape[1:]) == (("a", "b"), (8, 8))
    for part, n in (("train", 50), ("t10k", 20)):
        keep(folder, f"{part}-images-idx3-ubyte.gz", write_idx(random.integers(0, 256, (n, 5, 5))), "00000000000d")
        idx = keep(folder, f"{part}-labels-idx1-ubyte.gz", write_idx(np.arange(n) % 4), "00000000000d")
    found = uploads.read_upload(idx)
    assert (len(found.data[2]), found.data[0].encoding.n_out) == (20, 4)
    assert list(training_form.list_sources())[-4:] == ["soil.csv", "a.npz", "p.zip", "4 files"]


@pytest.mark.parametrize("name", ["table", "digits"])
def test_a_result_holds_the_data_as_they_were_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "soil.csv"
    path.write_bytes(write_table())
    found = find("digits" if name == "digits" else str(path))
    write_result(tmp_path / "result", found)
    again = read_result(tmp_path / "result")
    assert again == found
    for one, other in zip(found.data, again.data, strict=True):
        assert (one.x.dtype, one.x.tobytes(), one.y.tobytes()) == (other.x.dtype, other.x.tobytes(), other.y.tobytes())
        for field in ("name", "scale", "classes", "encoding", "style", "schema", "greys"):
            assert getattr(one, field) == getattr(other, field), field


def test_another_column_can_be_the_target(folder: Path) -> None:
    path = keep(folder, "soil.csv", write_table())
    assert uploads.read_upload(path, "soil").data[0].classes == ("clay", "sand")
    with pytest.raises(DataError, match="color"):
        uploads.read_upload(path, "color")


DAMAGED = {
    "a.csv": (b"\xff\xfe\x00", "a.csv"), "a.npz": (b"PK\x03\x04" + bytes(90), "a.npz"),
    "a.zip": (b"no archive", "a.zip: expected a zip archive of pictures"), "b.csv": (b"", "b.csv"),
    "a-idx3-ubyte.gz": (b"\x1f\x8b" + bytes(30), "a-idx3-ubyte.gz"),
    "cut.zip": (write_pictures()[:900], "cut.zip"),
}  # fmt: skip


QUICK = ("a.npz", "cut.zip")
"""The damaged uploads that each run reads; ``make test-all`` reads the others, as each takes a process."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in DAMAGED]
)
def test_a_damaged_upload_is_an_error_that_names_the_file(name: str, folder: Path) -> None:
    content, text = DAMAGED[name]
    with pytest.raises(DataError) as error:
        uploads.read_upload(keep(folder, name, content))
    assert text in str(error.value)
    assert str(folder) not in str(error.value)


def test_an_archive_with_other_paths_or_no_pictures_writes_nothing_outside(folder: Path, tmp_path: Path) -> None:
    hostile = {"../../../../out.png": b"x", "/out.png": b"x", "..\\..\\out.png": b"x", "C:\\out.png": b"x"}
    path = keep(folder, "p.zip", write_pictures(**hostile))
    with pytest.raises(DataError, match="names of files inside the archive"):
        uploads.read_upload(path)
    assert not list(tmp_path.rglob("out.png"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "none")
    with pytest.raises(DataError, match="without pictures"):
        uploads.read_upload(keep(folder, "none.zip", file.getvalue(), "00000000000a"))


def test_reading_ends_at_its_limits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep(folder, "soil.csv", write_table())
    monkeypatch.setattr(uploads, "SECONDS", 0.01)
    with pytest.raises(DataError, match="seconds"):
        uploads.read_upload(path)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems limit no memory")
def test_reading_takes_no_more_memory_than_its_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros((60, 10_000_000 // 60), np.float64), y=np.arange(60) % 3)  # 80 MB of nothing
    path = keep(folder, "zeros.npz", file.getvalue())
    monkeypatch.setattr(uploads, "MEMORY", 400 << 20)
    with pytest.raises(DataError, match="memory"):
        uploads.read_upload(path)


NAMES = {"a.exe": "", "..": "", ".csv": "", "a.csv/": "", "../../a.csv": "a.csv", "C:\\x\\b.npz": "b.npz",
         "a\x00b.csv": "a_b.csv", "train-images-idx3-ubyte.gz": "train-images-idx3-ubyte.gz"}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_only_the_last_part_of_a_name_counts(name: str, folder: Path) -> None:
    if NAMES[name]:
        assert uploads.choose_path(GROUP, name) == folder / uploads.DATA / GROUP / NAMES[name]
    else:
        with pytest.raises(DataError):
            uploads.choose_path(GROUP, name)
    for group in ("", "..", "0123456789AB", "0123456789abc", "../../etc"):
        with pytest.raises(DataError):
            uploads.choose_path(group, "a.csv")


def receive(path: Path, pieces: AsyncIterator[bytes]) -> int:
    """Receive a file in a thread of its own: the browser of other tests has an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, uploads.receive_file(path, pieces)).result()


def test_a_file_is_kept_only_if_it_came_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(*pieces: bytes, problem: Exception | None = None) -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
        if problem is not None:
            raise problem

    path = uploads.choose_path(GROUP, "a.csv")
    assert receive(path, send(b"a,", b"b\n")) == 4
    assert path.read_bytes() == b"a,b\n"
    other = uploads.choose_path("00000000000a", "a.csv")
    with pytest.raises(ClientDisconnect):
        receive(other, send(b"a,", problem=ClientDisconnect()))
    monkeypatch.setattr(uploads, "UPLOAD", 3)
    with pytest.raises(DataError, match="at most"):
        receive(other, send(b"ab", b"cd"))
    assert not other.parent.exists()


def test_the_lab_takes_uploads_only_at_their_address(lab: Lab) -> None:
    assert request(lab, f"/uploads/{GROUP}/a.csv", "POST", b"a,b\n1,2\n")[0] == 200
    status, body = request(lab, f"/uploads/{GROUP}/a.exe", "POST", b"MZ")
    assert (status, b"expected a table" in body) == (400, True)
    for path in (
        f"/uploads/{GROUP}/a.csv",
        "/runs/no-such-run/model.safetensors",
        "/runs/..%2f..%2fetc/model.safetensors",
    ):
        assert request(lab, path)[0] in (404, 405)
