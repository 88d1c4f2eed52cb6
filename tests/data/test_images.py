from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image
from tests.fields import has

from deltarule import limits
from deltarule.data import load, user_data
from deltarule.data.grayscale import read_grayscale, resize
from deltarule.data.images import read_folder
from deltarule.errors import DataError, InvalidArgument

RNG = np.random.default_rng(0)


def save(array, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """Write three classes, 1, 2 and 10, of 7 grey pictures 6×5 each."""
    for label in ("1", "2", "10"):
        for i in range(7):
            save(np.full((6, 5), 20 * int(label) + i, np.uint8), tmp_path / "shapes" / label / f"{i}.png")
    return tmp_path / "shapes"


def refusal(path, *arguments) -> DataError:
    with pytest.raises(DataError) as raised:
        user_data.load(path, *arguments)
    return raised.value


def test_sub_folders_are_classes_in_numerical_order(folder):
    whole = read_folder(folder).data
    assert whole.classes == ("1", "2", "10")
    assert (whole.x.shape, whole.x.dtype, whole.scale) == ((21, 6, 5), np.uint8, None)
    assert whole.y.tolist() == [0] * 7 + [1] * 7 + [2] * 7
    assert whole.x[:, 0, 0].tolist() == [20 * n + i for n in (1, 2, 10) for i in range(7)]


def test_a_folder_is_split_class_by_class(folder):
    for splits in (user_data.load(folder).splits, load(folder), load("auto", folder)):
        assert [np.bincount(part.y).tolist() for part in splits] == [[5] * 3, [1] * 3, [1] * 3]
        assert [part.name for part in splits] == ["shapes training", "shapes validation", "shapes test"]


def test_other_names_are_in_alphabetical_order(folder):
    (folder / "10").rename(folder / "ten")
    assert read_folder(folder).data.classes == ("1", "2", "ten")


def test_files_of_file_managers_are_ignored(folder):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
        (folder / "1" / name).write_bytes(b"\0")
    (folder / "README.txt").write_text("beside the classes")
    (folder / ".thumbnails").mkdir()
    found = read_folder(folder)
    assert len(found.data) == 21
    leftovers = "4 leftovers of archives and file managers (.thumbnails, 1/.DS_Store, 1/Thumbs.db, 1/desktop.ini)"
    assert found.notes == (f"passed over: 1 text (README.txt), {leftovers}",) or found.notes == (
        f"passed over: {leftovers}, 1 text (README.txt)",
    )


def test_pictures_of_every_kind_become_grey(tmp_path):
    level = np.full((6, 5), 102, np.uint8)
    kinds = {
        "grey.png": level,
        "colour.png": np.repeat(level[..., None], 3, axis=2),
        "16bit.png": level.astype(np.uint16) * 257,
        "clear.png": np.dstack([level * 0] * 3 + [level + 51]),
        "photo.jpg": np.repeat(level[..., None], 3, axis=2),
        "other.bmp": level,
        "old.tiff": level,
    }
    for name, array in kinds.items():
        save(array, tmp_path / "x" / "a" / name)
    save(level, tmp_path / "x" / "a" / "many.gif")
    save(level, tmp_path / "x" / "b" / "grey.png")
    Image.fromarray(level).convert("P").save(tmp_path / "x" / "a" / "palette.png")
    Image.fromarray(np.dstack([level, level + 153])).save(tmp_path / "x" / "a" / "grey and alpha.png")
    x = read_folder(tmp_path / "x").data.x
    assert x.shape == (11, 6, 5)
    assert np.abs(x.astype(int) - 102).max() <= 1


def test_pictures_of_one_bit_are_black_and_white(tmp_path):
    Image.fromarray(np.eye(4, dtype=bool)).save(tmp_path / "bits.png")
    np.testing.assert_array_equal(read_grayscale(tmp_path / "bits.png"), np.eye(4) * 255)


def test_different_sizes_are_refused_without_size(folder):
    save(np.full((12, 10), 200, np.uint8), folder / "2" / "3.png")
    error = refusal(folder)
    assert error.path == folder / "2" / "3.png"
    assert error.problem == f"expected 6×5 pixels as in {folder / '1' / '0.png'}, got 12×10"
    assert error.remedy == "resize all pictures, for example with size=(6, 5)"
    training, *_ = user_data.load(folder, (3, 4)).splits
    assert training.x.shape == (15, 3, 4)
    assert set(np.unique(training.x)) <= {200, *(20 * n + i for n in (1, 2, 10) for i in range(7))}


def test_resizing_is_antialiased():
    board = np.indices((64, 64)).sum(axis=0) % 2 * np.uint8(200)
    assert np.abs(resize(board.astype(np.uint8), (8, 8)).astype(int) - 100).max() <= 2


def test_folders_without_pictures_are_no_classes(folder):
    (folder / "3").mkdir()
    (folder / "4").mkdir()
    (folder / "4" / "notes.txt").write_text("not a picture")
    (folder / "1" / "deeper").mkdir()
    found = read_folder(folder)
    assert found.data.classes == ("1", "2", "10")
    assert found.notes == ("passed over: 3 folders without pictures (1/deeper, 3, 4), 1 text (4/notes.txt)",)
    save(np.zeros((6, 5), np.uint8), folder / "1" / "deeper" / "1.png")
    assert str(refusal(folder).path) == str(folder / "1" / "deeper")


def test_a_folder_without_classes_is_refused(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / "empty").value == 0
    (tmp_path / "empty").rmdir()
    error = refusal(tmp_path)
    assert (str(error.path), error.remedy) == (str(folder), f"if they are the classes, give {folder}")


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "gif", "tiff"])
def test_the_error_names_a_damaged_picture(tmp_path, kind):
    whole = save(RNG.integers(0, 256, (20, 20), np.uint8), tmp_path / f"damaged.{kind}").read_bytes()
    for length in {0, 1, 10, len(whole) // 4, len(whole) // 2}:
        (tmp_path / f"damaged.{kind}").write_bytes(whole[:length])
        with pytest.raises(DataError, check=has(path=f"damaged.{kind}")):
            read_grayscale(tmp_path / f"damaged.{kind}")
    named = []
    for position in range(0, len(whole), 7):
        changed = whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :]
        (tmp_path / f"damaged.{kind}").write_bytes(changed)
        try:
            assert read_grayscale(tmp_path / f"damaged.{kind}").ndim == 2
        except DataError as error:
            named.append(error.path == tmp_path / f"damaged.{kind}")
    assert all(named)


def test_a_picture_with_too_many_pixels_is_not_opened(tmp_path, monkeypatch):
    path = save(np.zeros((100, 100), np.uint8), tmp_path / "bomb.png")
    for most in (9_000, 4_000):
        monkeypatch.setattr(limits, "PICTURE_PIXELS", most)
        with pytest.raises(DataError, match=f"{most:,} pixels", check=has(path="bomb.png")):
            read_grayscale(path)


def test_too_many_pictures_for_the_memory_are_not_read(folder, monkeypatch):
    monkeypatch.setattr(limits, "PICTURES_BYTES", 600)
    assert refusal(folder).problem == "expected pictures that take 600 bytes at most, got 21 pictures of 6×5"
    assert user_data.load(folder, (5, 5)).splits[0].x.shape == (15, 5, 5)


@pytest.mark.parametrize("size", [28, (0, 0), (4.5, 4), (4, 4, 3), "44", (True, 4)], ids=repr)
def test_an_invalid_size_is_refused(folder, size):
    with pytest.raises(InvalidArgument, check=has(argument="size", value=size)):
        load(folder, size=size)


def test_a_size_too_large_is_refused_before_a_picture_is_opened(folder):
    (folder / "1" / "0.png").write_text("no picture")
    assert "21 pictures of 30000×30000" in refusal(folder, (30_000, 30_000)).problem


def test_the_error_names_a_folder_that_cannot_be_read(folder, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    error = refusal(folder)
    assert str(error.path).startswith(str(folder))
    assert "Permission denied" in error.problem


def test_classes_that_are_too_small_to_split_are_refused(tmp_path):
    for label in "ab":
        save(np.zeros((3, 3), np.uint8), tmp_path / "few" / label / "1.png")
    error = refusal(tmp_path / "few")
    assert error.path == tmp_path / "few"
    assert "got 2" in error.problem
