"""Pictures of every mode and range, and files that are none: read, or refused by name in bounded time."""

from __future__ import annotations

import os
import struct
import sys
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from tests.fields import has

from deltarule.data import DataOptions, load, picture_reading
from deltarule.data.grayscale import convert_picture, read_grayscale, read_picture
from deltarule.data.images import read_folder
from deltarule.data.picture_files import find_picture_files
from deltarule.data.picture_reading import permute, read_pictures
from deltarule.data.progress import watch_pictures
from deltarule.errors import DataError, MissingExtra

RNG = np.random.default_rng(0)
GREY = np.zeros((20, 30), np.uint8)
GREY[5:15, 10:14] = 200
COLOURS = np.dstack([GREY, 255 - GREY, GREY // 2])


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, rows: bytes, bits: int = 8, kind: int = 0, extra: bytes = b"") -> bytes:
    """Write a PNG by hand, whatever its rows."""
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    end = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + end


def plain(extra: bytes = b"") -> bytes:
    return png(30, 20, b"".join(b"\0" + row.tobytes() for row in GREY), extra=extra)


def encode(image: Image.Image, form: str = "PNG", **options) -> bytes:
    image.save(file := BytesIO(), form, **options)
    return file.getvalue()


REFUSED = {
    "bomb.png": (png(60_000, 60_000, b"\0" * 1000), "at most 89,478,485 pixels"),
    "bomb.ppm": (b"P6\n100000 100000\n255\n" + b"\0" * 100, "at most 89,478,485 pixels"),
    "lying.png": (png(9000, 9000, b"\0" * 1000), "damaged"),
    "lying.ppm": (b"P6\n8000 8000\n255\n" + b"\0" * 100, "damaged"),
    "texts.png": (plain(chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 2_000_000))), "too large"),
    "empty.png": (b"", "an empty file"),
    "zeros.png": (b"\0" * 1000, "unknown kind"),
    "page.png": (b"\n<!DOCTYPE html><html>404</html>", "a web page"),
    "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a vector drawing; export it as PNG"),
    "drawing.png": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a document in PostScript"),
    "drawing.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a drawing in PostScript"),
    "drawing.ai": (b"%PDF-1.4\n", "a drawing of Adobe Illustrator"),
    "scan.pdf": (b"%PDF-1.4\n", "a PDF document"),
    "camera.cr2": (encode(Image.fromarray(GREY), "TIFF"), "the raw data of a camera"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_by_name(tmp_path, name):
    content, words = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content)
    for read in (read_picture, lambda path: read_picture(path, colour=True)):
        with pytest.raises(DataError, match=words, check=has(path=name)):
            read(path)


def test_pipes_devices_and_loops_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    os.symlink("/dev/zero", tmp_path / "device.png")
    os.symlink("loop.png", tmp_path / "loop.png")
    (tmp_path / "folder.png").mkdir()
    for name, words in (
        ("pipe", "a pipe"),
        ("device", "a device"),
        ("loop", "symbolic links"),
        ("folder", "a folder"),
        ("missing", "nothing there"),
    ):
        with pytest.raises(DataError, match=words, check=has(path=f"{name}.png")):
            read_grayscale(tmp_path / f"{name}.png")


def test_they_are_passed_over_in_a_folder(tmp_path):
    for name in ("a/1.png", "b/1.png", "b/no_ending"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(GREY).save(tmp_path / name, "PNG")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    os.symlink("loop", tmp_path / "a" / "loop")
    os.symlink("..", tmp_path / "a" / "up")
    found = find_picture_files(tmp_path)
    assert [path.name for path in found.files] == ["1.png", "1.png", "no_ending"]
    (note,) = found.notes
    assert "1 pipe or device (a/pipe.png)" in note
    assert "1 link to nothing (a/loop)" in note
    assert "1 folder without pictures (a/up)" in note


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_files_that_may_not_be_read_are_refused(tmp_path):
    (tmp_path / "secret.png").write_bytes(plain())
    (tmp_path / "secret.png").chmod(0)
    with pytest.raises(DataError, match="Permission denied", check=has(path="secret.png")):
        read_grayscale(tmp_path / "secret.png")


def test_an_ending_need_not_be_right(tmp_path):
    (tmp_path / "photo.png").write_bytes(encode(Image.fromarray(COLOURS), "JPEG", quality=95))
    assert np.abs(read_picture(tmp_path / "photo.png", colour=True).astype(int) - COLOURS).mean() < 20


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "I", "I;16"]
)
def test_every_mode_is_read_in_grey_and_in_colour(tmp_path, mode):
    level = np.full((6, 5), 255 if mode == "1" else 102, np.uint8)
    image = Image.fromarray(level.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(level).convert(mode)
    if mode == "I":
        image = Image.fromarray(level.astype(np.int32) * 257)
    for given in (image, tmp_path / "x.tiff"):
        if isinstance(given, Path):
            if mode == "HSV":
                continue
            image.save(given)
        assert np.abs(read_picture(given).astype(int) - level).max() <= 1
        colour = read_picture(given, colour=True)
        assert (colour.shape, colour.dtype) == ((6, 5, 3), np.uint8)
        assert np.abs(colour.astype(int) - level[..., None]).max() <= 2


def test_lab_is_read_by_its_colours(tmp_path):
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    ImageCms.applyTransform(Image.fromarray(COLOURS), to_lab).save(tmp_path / "x.tiff")
    assert np.abs(read_picture(tmp_path / "x.tiff", colour=True).astype(int) - COLOURS).max() < 16


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP", "TIFF"])
def test_the_first_frame_is_read(tmp_path, form):
    frames = [Image.fromarray(np.full((6, 5), level, np.uint8)) for level in (10, 200)]
    (tmp_path / "x").write_bytes(encode(frames[0], form, save_all=True, append_images=frames[1:]))
    picture = convert_picture(tmp_path / "x")
    assert (int(picture.pixels.max()), picture.has_more_frames) == (10, True)


@pytest.mark.parametrize(("top", "bits"), [(200, 8), (900, 10), (3000, 12), (16_000, 14), (40_000, 16)])
def test_numbers_of_16_bits_have_the_range_that_they_fill(top, bits):
    picture = convert_picture(np.array([[0, top]], np.uint16))
    assert picture.range == (0, 2**bits - 1)
    assert picture.pixels.tolist() == [[0, round(255 * top / (2**bits - 1))]]


def test_little_contrast_of_16_bits_is_stretched():
    assert read_grayscale(np.array([[30_000, 30_500]], np.uint16)).tolist() == [[0, 255]]
    assert read_grayscale(np.full((2, 2), 30_000, np.uint16)).tolist() == [[117] * 2] * 2


@pytest.mark.parametrize("kind", [2, 6])
def test_colours_of_16_bits_that_use_few(tmp_path, kind):
    values = np.full((8, 9, 3 if kind == 2 else 4), 1023, ">u2")
    values[2:5, 3:6, :3] = 700, 100, 0
    values[..., 3:] = 65535
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    (tmp_path / "x.png").write_bytes(png(9, 8, rows, 16, kind))
    assert read_picture(tmp_path / "x.png", colour=True)[3, 4].tolist() == [174, 25, 0]


def test_a_folder_of_16_bits_is_scaled_alike(tmp_path):
    for name, top in (("a/1", 900), ("a/2", 4000), ("b/1", 100)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.array([[0, top]], np.uint16)).save(tmp_path / f"{name}.png")
    assert read_folder(tmp_path).data.x[:, 0, 1].tolist() == [56, 249, 6]


def test_ink_in_the_transparency(tmp_path):
    alpha = GREY + 55 * (GREY > 0).astype(np.uint8)
    ink = 255 - alpha
    for level, is_stencil in ((255, True), (240, True), (200, True), (0, False), (90, False)):
        picture = convert_picture(np.dstack([np.full_like(GREY, level)] * 3 + [alpha]))
        assert picture.is_stencil is is_stencil
        assert is_stencil is np.array_equal(picture.pixels, ink) or level == 0
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 255, 255, 255, 255, 255])
    palette.putpixel((1, 0), 1)
    palette.save(tmp_path / "x.png", transparency=b"\xff\x00")
    assert read_grayscale(tmp_path / "x.png").tolist() == [[0, 255]]
    opaque = np.dstack([GREY + 40, GREY + 40, GREY + 40, np.full_like(GREY, 255)])
    assert read_grayscale(opaque).tolist() == (GREY + 40).tolist()


def test_light_ink_on_a_clear_page_keeps_its_colour_on_request():
    page = np.zeros((20, 20, 4), np.uint8)
    page[5:15, 5:15] = (255, 255, 0, 255)
    picture = Image.fromarray(page)
    assert read_picture(picture, colour=True)[10, 10].tolist() == [255, 255, 0]
    assert read_picture(picture)[10, 10] == 0


def test_a_transparent_picture_with_light_details_keeps_them():
    """A drawing in light greys on a page with transparent corners is no stencil."""
    drawing = np.full((20, 30), 255, np.uint8)
    drawing[8:12, 5:25] = 215
    alpha = np.full_like(drawing, 255)
    alpha[:2, :2] = 0
    assert read_grayscale(np.dstack([drawing] * 3 + [alpha])).tolist() == drawing.tolist()


def test_heic_is_read_by_its_extra(tmp_path, monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.fromarray(COLOURS)).save(tmp_path / "x.heic")
    (tmp_path / "x.heic").rename(tmp_path / "x.jpg")
    assert np.abs(read_picture(tmp_path / "x.jpg", colour=True).astype(int) - COLOURS).mean() < 20
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    with pytest.raises(MissingExtra, match=r"x\.jpg, a HEIC picture: .* pip install 'deltarule\[heic\]'"):
        read_picture(tmp_path / "x.jpg")


def test_warnings_of_the_caller_stay_as_they_are(tmp_path):
    (tmp_path / "x.gif").write_bytes(encode(Image.fromarray(GREY), "GIF"))
    before = list(warnings.filters)
    read_picture(tmp_path / "x.gif")
    assert warnings.filters == before


def test_long_pictures_are_read(tmp_path):
    Image.new("L", (100_000, 1), 7).save(tmp_path / "x.png")
    assert read_grayscale(tmp_path / "x.png").shape == (1, 100_000)


@pytest.mark.parametrize("slow", [-1.0, 1e9], ids=["threads", "one thread"])
def test_many_pictures_are_read_in_place_and_in_order(monkeypatch, slow):
    monkeypatch.setattr(picture_reading, "_SLOW", slow)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def read(path: Path) -> np.ndarray:
        if int(path.name) % 7 == 3:
            raise DataError("damaged", path=path)
        return np.full((2, 3), int(path.name), np.uint8)

    files, reports = [Path("a", str(i)) for i in range(100)], []
    with watch_pictures(lambda done, total: reports.append((done, total))):
        array, kept, notes = read_pictures(files, read, skip_damaged=True)
    expected = [i for i in range(100) if i % 7 != 3]
    assert array[:, 0, 0].tolist() == np.flatnonzero(kept).tolist() == expected
    assert notes == ("14 of 100 pictures left out as damaged: a/10, a/17, …, a/94",)
    assert reports[-1] == (100, 100)
    with pytest.raises(DataError, match="13 other pictures of 100 are damaged too"):
        read_pictures(files, read)


def test_rows_are_permuted_in_place():
    array = RNG.integers(0, 256, (50, 3))
    order = RNG.permutation(50)
    expected = array[order]
    permute(array, order.tolist())
    np.testing.assert_array_equal(array, expected)


def test_the_splits_of_a_folder_share_one_array(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(7):
            Image.fromarray(RNG.integers(0, 256, (4, 4), np.uint8)).save(tmp_path / name / f"{i}.png")
    splits = load(tmp_path)
    bases = {id(part.x.base) for part in splits}
    assert (len(bases), [part.x.flags.c_contiguous for part in splits]) == (1, [True] * 3)


def test_statements_are_checked():
    assert DataOptions(size=[28, 20]).size == (28, 20)
