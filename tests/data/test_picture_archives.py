"""Zip archives of pictures: what they state is checked before they are unpacked, and nothing is written elsewhere."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deltarule import limits
from deltarule.data import picture_archives, user_data
from deltarule.data.options import DataOptions
from deltarule.data.picture_archives import unpack_pictures
from deltarule.errors import DataError


def draw(grey: int, side: int = 6) -> bytes:
    Image.fromarray(np.full((side, side), grey, np.uint8)).save(stream := io.BytesIO(), "PNG")
    return stream.getvalue()


PICTURES = {f"letters/{'ab'[i % 2]}/{i}.png": draw(9 * i) for i in range(24)}


def write(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path := folder / "p.zip", "w", method) as archive:
        for name, content in [*PICTURES.items(), *members]:
            archive.writestr(name, content)
    return path


def patch(path: Path, offset: int, value: bytes, mark: bytes = b"PK\1\2") -> Path:
    """Write a value into an entry of the list of contents, the last one."""
    content = bytearray(path.read_bytes())
    at = content.rfind(mark) + offset
    content[at : at + len(value)] = value
    path.write_bytes(content)
    return path


def test_an_archive_is_read_as_its_folder_is(tmp_path):
    path = write(tmp_path, ("__MACOSX/x.png", b"x"), ("letters/.DS_Store", b"x"), ("letters/readme.txt", b"x"))
    found = user_data.load(path)
    assert found.splits[0].classes == ("a", "b")
    folder = unpack_pictures(path, tmp_path / "unpacked")
    assert folder == tmp_path / "unpacked" / "letters"
    (folder / "readme.txt").unlink(missing_ok=True)
    same = user_data.load(folder)
    assert all(np.array_equal(one.x, other.x) for one, other in zip(found.splits, same.splits, strict=True))
    assert not any(str(tmp_path) in note or "deltarule-" in note for note in (*found.notes, *found.doubts))


def test_a_damaged_picture_is_named_by_the_archive(tmp_path):
    path = write(tmp_path, ("letters/a/bad.png", draw(5)[:40]))
    with pytest.raises(DataError) as error:
        user_data.load(path)
    assert str(error.value).startswith(str(path / "letters" / "a" / "bad.png"))
    assert user_data.load(path, options=DataOptions(skip_damaged=True)).splits[0].classes == ("a", "b")


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("letters/a/link.png")
    info.external_attr = 0o120777 << 16
    return info


LYING = struct.pack("<I", 20)

REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "parent": (lambda folder: write(folder, ("../out.png", draw(1))), "names of files inside the archive"),
    "parent in the middle": (lambda folder: write(folder, ("a/../../out.png", draw(1))), "names of files inside"),
    "absolute": (lambda folder: write(folder, ("/out.png", draw(1))), "names of files inside"),
    "drive": (lambda folder: write(folder, ("C:\\out.png", draw(1))), "names of files inside"),
    "backslashes": (lambda folder: write(folder, ("..\\..\\out.png", draw(1))), "names of files inside"),
    "long": (lambda folder: write(folder, ("x" * 2000 + ".png", draw(1))), "names of files inside"),
    "link": (lambda folder: write(folder, (link(), b"/etc/passwd")), "got a link: 'letters/a/link.png'"),
    "archive inside": (lambda folder: write(folder, ("letters/b.zip", b"PK")), "an archive inside the archive"),
    "twice": (lambda folder: patch(write(folder, ("letters/a/0.pnx", b"1")), 46, b"letters/a/0.png"), "got two of"),
    "encrypted": (lambda folder: patch(write(folder, ("z.png", b"1")), 8, b"\1\0"), "without a password"),
    "rare method": (lambda folder: write(folder, method=zipfile.ZIP_LZMA), "stored or deflated, got .* method 14"),
    "too short": (lambda folder: patch(write(folder, ("z.png", b"1" * 99)), 24, LYING), "zip archive|20 bytes"),
    "too long": (lambda folder: patch(write(folder, ("z.png", b"1")), 24, b"\xff\xff"), "zip archive|65,535 bytes"),
    "huge": (lambda folder: patch(write(folder, ("z.png", b"1")), 24, b"\xff\xff\xff\x7f"), "bytes after unpacking"),
    "checksum": (lambda folder: patch(write(folder, ("z.png", b"1")), 16, b"1234"), "BadZipFile"),
    "name of another encoding": (
        lambda f: patch(patch(write(f, ("z.png", b"1")), 46, b"\xff"), 8, b"\0\x08"),
        "Unicode",
    ),
    "file and folder": (lambda folder: write(folder, ("letters/a/0.png/x.png", draw(1))), "zip archive"),
    "cut": (lambda folder: patch(write(folder), 12, b"\xff\xff", b"PK\5\6"), "zip archive"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_archive_that_is_not_what_it_should_be_is_refused(name, tmp_path):
    build, text = REFUSED[name]
    (folder := tmp_path / "in" / "side").mkdir(parents=True)
    path = build(folder)
    with pytest.raises(DataError, match=text) as error:
        user_data.load(path)
    assert str(error.value).startswith(str(path))
    with pytest.raises(DataError, match=text):
        unpack_pictures(path, folder / "pictures")
    assert not list(tmp_path.rglob("out.png"))


def test_limits_are_checked_before_anything_is_unpacked(tmp_path, monkeypatch):
    def reach(*args: object) -> None:
        raise AssertionError("a file was unpacked")

    path = write(tmp_path)
    monkeypatch.setattr(picture_archives, "_extract", reach)
    for name, most in (("ARCHIVE_MEMBERS", 23), ("ARCHIVE_BYTES", sum(map(len, PICTURES.values())) - 1)):
        with monkeypatch.context() as context:
            context.setattr(limits, name, most)
            with pytest.raises(DataError, match=f"{most:,} .*DELTARULE_LIMITS={name}="):
                unpack_pictures(path, tmp_path / "pictures")


def test_a_long_list_of_contents_is_refused_before_it_is_read(tmp_path, monkeypatch):
    def reach(*args: object) -> None:
        raise AssertionError("the list was read")

    path = write(tmp_path)
    monkeypatch.setattr(limits, "ARCHIVE_MEMBERS", 5)
    monkeypatch.setattr(zipfile, "ZipFile", reach)
    with pytest.raises(DataError, match=r"at most 5 files in an archive, got more; .*ARCHIVE_MEMBERS"):
        unpack_pictures(path, tmp_path / "pictures")


def test_the_pixels_of_a_picture_are_checked_before_it_is_decoded(tmp_path, monkeypatch):
    path = write(tmp_path, ("letters/a/large.png", draw(1, 200)))
    monkeypatch.setattr(limits, "PICTURE_PIXELS", 39_999)
    with pytest.raises(DataError, match="PICTURE_PIXELS"):
        user_data.load(path)


def test_an_archive_without_pictures_is_refused(tmp_path):
    with zipfile.ZipFile(path := tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "none")
    with pytest.raises(DataError, match="without pictures"):
        user_data.load(path)
