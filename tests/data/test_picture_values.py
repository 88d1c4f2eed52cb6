"""Pictures of which Pillow reads other numbers than their files hold; the files are made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.fields import has
from tests.picture_files import JPEG_2000, write_fits, write_tiff

from deltarule.data.grayscale import convert_picture, read_grayscale, read_picture
from deltarule.data.images import read_folder
from deltarule.errors import DataError

RAMP = np.array([[0, 1000, 4095, 30_000, 65_535]], np.uint16)
COLOURS = np.dstack([RAMP, RAMP // 2, RAMP // 4])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("layers", [False, True])
def test_colours_of_16_bits_in_every_layout_of_a_tiff(tmp_path, order, packed, layers):
    path = write_tiff(tmp_path / "x.tif", COLOURS, order, packed=packed, layers=layers)
    assert read_picture(path, colour=True).tolist() == (COLOURS >> 8).tolist()
    write_tiff(path, COLOURS >> 4, order, packed=packed, layers=layers)  # of a camera of 12 bits
    if packed and layers:
        with pytest.raises(DataError, match=r"x\.tif: expected a TIFF of 16 bits that uses them"):
            read_picture(path, colour=True)
    else:
        assert np.abs(read_picture(path, colour=True) - COLOURS / 257).max() <= 0.6


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "i2", "i4"])
def test_numbers_of_a_tiff_in_either_order(tmp_path, order, packed, dtype):
    values = np.array([[-100, 0, 50, 100, 155]], dtype)
    path = write_tiff(tmp_path / "x.tif", values, order, packed=packed)
    assert read_grayscale(path).tolist() == [[0, 100, 150, 200, 255]]


def test_signed_bytes_of_a_tiff(tmp_path):
    assert read_grayscale(write_tiff(tmp_path / "x.tif", np.array([[-128, 0, 127]], np.int8))).tolist() == [
        [0, 128, 255]
    ]


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_zero_is_white_in_a_tiff_that_says_so(tmp_path, dtype):
    top = 1 if dtype == "f4" else np.iinfo(dtype).max
    path = write_tiff(tmp_path / "x.tif", np.array([[0, top, 0]], dtype), polarity=0)
    assert read_grayscale(path).tolist() == [[255, 0, 255]]
    assert read_picture(path, colour=True)[0, 1].tolist() == [0, 0, 0]


def test_both_polarities_in_a_folder(tmp_path):
    for name, values, polarity in (
        ("a/1", [0, 4000], 1),
        ("a/2", [4000, 0], 0),
        ("b/1", [0, 1000], 1),
        ("b/2", [0, 9], 0),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_tiff(tmp_path / f"{name}.tif", np.array([values], np.uint16), polarity=polarity)
    assert read_folder(tmp_path).data.x[:, 0].tolist() == [[0, 249], [6, 255], [0, 62], [255, 254]]


def test_a_turned_tiff_of_16_bits_is_turned_once(tmp_path):
    path = write_tiff(tmp_path / "x.tif", COLOURS >> 4, orientation=6)
    assert np.abs(read_picture(path, colour=True) - np.rot90(COLOURS, -1) / 257).max() <= 0.6


def test_words_in_a_png_are_not_taken_for_numbers(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    for key in ("values", "bits", "negative"):
        words.add_text(key, "16")
    Image.fromarray(np.array([[[0, 9, 9]]], np.uint8)).save(tmp_path / "x.png", pnginfo=words)
    assert read_picture(tmp_path / "x.png", colour=True).tolist() == [[[0, 9, 9]]]


@pytest.mark.parametrize(
    ("values", "cards", "pixels", "most"),
    [
        (np.array([[0, 255]], "u1"), [], [[0, 255]], None),
        (np.array([[0, 900]], "i2"), [], [[0, 224]], 1023),
        (np.array([[-500, 500]], "i2"), [], [[0, 255]], 500),
        (np.array([[-32768, 32767]], "i2"), ["BZERO   = 32768 / unsigned", "BSCALE  = 1.0"], [[0, 255]], 65_535),
        (np.array([[0, 4]], "i2"), ["BSCALE  = 2.5D-1"], [[0, 255]], 1),
        (np.array([[-(2**31), 2**31 - 1]], "i4"), ["BZERO   = 2147483648"], [[0, 255]], 2**32 - 1),
        (np.array([[-1, 3]], "f4"), [], [[0, 255]], 3),
        (np.array([[128, 127]], "u1"), ["BZERO   = -128"], [[255, 0]], 0),
    ],
)
def test_numbers_of_fits(tmp_path, values, cards, pixels, most):
    for extension in (False, True):
        picture = convert_picture(write_fits(tmp_path / "x.fits", values, cards, extension))
        assert picture.pixels.tolist() == pixels
        assert most is None if picture.range is None else picture.range.high == most


def test_fits_with_missing_pixels_or_as_a_table(tmp_path):
    path = write_fits(tmp_path / "x.fits", np.array([[-1, 5]], "i2"), ["BLANK   = -1"])
    with pytest.raises(DataError, match="got NaN in 1 of 2; set such pixels"):
        read_grayscale(path)
    path.write_bytes(path.read_bytes().replace(b"BLANK   = -1        ", b"XTENSION= 'BINTABLE'"))
    with pytest.raises(DataError, match=r"x\.fits: expected an image, got a FITS table"):
        read_grayscale(path)


def test_jpeg_2000_in_colours_of_12_bits(tmp_path):
    (tmp_path / "x.jp2").write_bytes(JPEG_2000)
    with pytest.raises(DataError, match="got one of 12 bits; save it as PNG", check=has(path=tmp_path / "x.jp2")):
        read_grayscale(tmp_path / "x.jp2")
    Image.fromarray(np.array([[0, 1000, 65_535]] * 3, np.uint16)).save(tmp_path / "x.jp2", irreversible=False)
    assert read_grayscale(tmp_path / "x.jp2")[0].tolist() == [0, 4, 255]
    more = {"comment": b"far " * 10_000}
    Image.fromarray(np.full((4, 4, 3), 255, np.uint8)).save(tmp_path / "x.jp2", irreversible=False, **more)
    assert read_grayscale(tmp_path / "x.jp2").min() == 255
