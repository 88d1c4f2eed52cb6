from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from tests.fields import has

from deltarule.data.idx import digest, parse_idx, peek_header, read_idx, write_idx
from deltarule.errors import DataError

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
INT8 = 16  # the bit of the header that makes unsigned bytes signed ones, of the same size
any_array = arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, max_side=6))


@given(any_array, st.booleans())
def test_read_idx_reverses_write_idx(array, compressed):
    content = write_idx(array)
    read = parse_idx(gzip.compress(content) if compressed else content)
    np.testing.assert_array_equal(read, array, strict=True)
    assert digest(array) == hashlib.sha256(content).hexdigest()
    assert read.flags.writeable


@pytest.mark.parametrize(
    ("code", "dtype", "values"),
    [(8, "u1", [0, 255]), (9, "i1", [-128, 127]), (11, ">i2", [-300, 300]), (12, ">i4", [-70_000, 70_000]),
     (13, ">f4", [-0.5, 1e30]), (14, ">f8", [-0.5, 1e300])],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_values_of_every_type_are_read(tmp_path, code, dtype, values, pack):
    array = np.array([values, values[::-1]], dtype)
    path = tmp_path / "any name"
    path.write_bytes(pack(bytes([0, 0, code, 2, 0, 0, 0, 2, 0, 0, 0, 2]) + array.tobytes()))
    read = read_idx(path)
    np.testing.assert_array_equal(read, array.astype(array.dtype.newbyteorder("=")), strict=True)
    assert read.dtype.isnative
    assert read.flags.writeable
    assert peek_header(path) == (array.dtype, (2, 2))


@pytest.mark.parametrize("content", [b"", b"\0\0\x08", b"label,pixel0", b"\0\0\x08\x02\0\0\0\1", b"\x1f\x8b broken"])
def test_peek_header_returns_none_for_other_files(tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    assert peek_header(tmp_path / "other") is None
    assert peek_header(tmp_path) is None


def test_write_idx_follows_the_format():
    assert write_idx(IMAGES) == bytes([0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, *range(60)])


def test_write_idx_writes_the_values_of_a_view():
    turned = IMAGES.transpose(2, 0, 1)
    np.testing.assert_array_equal(parse_idx(write_idx(turned)), turned)
    assert digest(turned) == hashlib.sha256(write_idx(turned)).hexdigest()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_of_another_length_is_refused(tmp_path, pack):
    whole = pack(write_idx(IMAGES))
    path = tmp_path / "images"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"images[:,] "):
            read_idx(path)
    for more in (b"x", b"\0" * 3 + b"x", b"x" * 5000):
        path.write_bytes(whole + more)
        with pytest.raises(DataError, match=r"images[:,] "):
            read_idx(path)
    path.write_bytes(whole)
    np.testing.assert_array_equal(read_idx(path), IMAGES)


@given(any_array, st.data())
def test_a_flipped_bit_in_the_header_is_refused(array, data):
    content = bytearray(write_idx(array))
    bit = data.draw(st.integers(0, 8 * (4 + 4 * array.ndim) - 1).filter(lambda bit: bit != INT8))
    content[bit // 8] ^= 1 << bit % 8
    for packed in (bytes(content), gzip.compress(content)):
        with pytest.raises(DataError):
            parse_idx(packed)


def test_every_flipped_bit_of_one_header_is_refused():
    content = write_idx(IMAGES)
    for bit in set(range(8 * 16)) - {INT8}:
        flipped = bytearray(content)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DataError, match=r"some file[:,] "):
            parse_idx(bytes(flipped), "some file")


@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(content):
    for candidate in (content, b"\0\0\x08\x01" + content, b"\x1f\x8b\x08" + content, gzip.compress(content)):
        with suppress(DataError):
            assert parse_idx(candidate).dtype.isnative


@given(any_array, st.data())
def test_damaged_gzip_is_read_correctly_or_refused(array, data):
    packed = bytearray(gzip.compress(write_idx(array)))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(DataError):
        np.testing.assert_array_equal(
            parse_idx(bytes(packed)), array
        )  # a flipped bit in the date of the header is harmless


def peak_of_refusing(content: bytes, **limits: int) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            parse_idx(content, **limits)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_header_of_four_billion_images_allocates_no_memory():
    header = bytes([0, 0, 8, 3, *b"\xff" * 4, 0, 0, 0, 28, 0, 0, 0, 28])
    assert peak_of_refusing(header + bytes(1000)) < 100_000
    assert peak_of_refusing(header + bytes(1000), limit=2**60) < 100_000
    assert peak_of_refusing(gzip.compress(header + bytes(1000)), limit=2**60) < 2_000_000


def test_a_gzip_bomb_is_refused_with_little_memory():
    bomb = gzip.compress(write_idx(np.zeros((1, 10), np.uint8)) + bytes(50_000_000), compresslevel=1)
    assert peak_of_refusing(bomb) < 3_000_000
    bomb = gzip.compress(write_idx(np.zeros((1, 20_000_000), np.uint8)), compresslevel=1)
    assert peak_of_refusing(bomb, limit=10_000_000) < 3_000_000


def test_a_gzip_file_of_several_members_is_read():
    content = write_idx(IMAGES)
    np.testing.assert_array_equal(parse_idx(gzip.compress(content[:20]) + gzip.compress(content[20:])), IMAGES)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "got b''"),
        (b"<html>", "as in an IDX file, got b'<htm'"),
        (b"\0\0\x0a\x01" + bytes(8), "a type of 08, 09, 0b, 0c, 0d, 0e"),
        (b"\0\0\x0d\x01\0\0\0\x02" + bytes(7), "expected 2 × 4 = 8 bytes after the header, as the header says, got 7"),
        (b"\0\0\x0e\x02" + b"\xff" * 8, "got a header that declares 4,294,967,295 × 4,294,967,295 × 8"),
        (b"\0\0\x08\x05" + bytes(20), "got b'\\x00\\x00\\x08\\x05'"),
        (b"\0\0\x08\x01\0\0", "header: expected the sizes of 1 dimensions"),
        (b"\0\0\x08\x02\0\0\0\0\0\0\0\x09", "got (0, 9)"),
        (b"\0\0\x08\x01\0\0\0\x05abc", "expected 5 bytes after the header, as the header says, got 3"),
        (b"\0\0\x08\x01\0\0\0\x02abc", "expected 2 bytes after the header, as the header says, got more"),
        (b"\0\0\x08\x01\xff\xff\xff\xff", "expected 1,073,741,824 bytes at most"),
        (gzip.compress(write_idx(IMAGES), mtime=0)[:-1], "file ended before"),
        (gzip.compress(write_idx(IMAGES), mtime=0)[:-8] + bytes(8), "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_errors_name_the_file_and_the_fault(content, words):
    with pytest.raises(DataError) as raised:
        parse_idx(content, "train.idx")
    assert raised.value.path == "train.idx"
    assert words in str(raised.value)


def test_the_error_names_a_path_that_is_no_file(tmp_path):
    for path, found in ((tmp_path, "a folder"), (tmp_path / "absent", "nothing")):
        with pytest.raises(DataError, match=f"got {found}", check=has(path=path)):
            read_idx(path)


@pytest.mark.parametrize(
    "array", [np.zeros(3, np.int8), np.zeros((2, 0), np.uint8), np.uint8(3), np.zeros((1,) * 5, np.uint8)]
)
def test_write_idx_refuses_arrays_that_the_format_cannot_hold(array):
    with pytest.raises(DataError, check=has(argument="array")):
        write_idx(np.asarray(array))
