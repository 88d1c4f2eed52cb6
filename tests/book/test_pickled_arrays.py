"""The book's data file: it is read in every format of Python 2, and never run."""

from __future__ import annotations

import gzip
import os
import pickle
import struct
from functools import partial

import numpy as np
import pytest
from tests.fields import has

from deltarule import limits
from deltarule.book.pickled_arrays import read
from deltarule.errors import DataError

from .by_hand import PROTOCOLS, Protocol2, array, build_file_content, write_compressed

P = Protocol2()
each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS, ids=["0", "1", "2"])


def parts(dtype=np.float32, digits=np.int64, n=6):
    rng = np.random.default_rng(0)
    return [
        ((rng.integers(0, 256, (size, 784)) / 256).astype(dtype), np.arange(size, dtype=digits) % 10)
        for size in (n, n // 2, n // 2)
    ]


def is_same(read, given):
    return all(
        np.array_equal(ours, theirs)
        for pair, their in zip(read, given, strict=True)
        for ours, theirs in zip(pair, their, strict=True)
    )


@each_protocol
def test_arrays_are_read(tmp_path, protocol):
    given = parts()
    found = read(write_compressed(tmp_path / "mnist.pkl.gz", build_file_content(protocol, given)))
    assert is_same(found, given)
    assert [x.dtype for x, _ in found] == [np.float32] * 3
    found[0][0][0, 0] = 1.0  # the arrays are writable, like the book's


@each_protocol
def test_an_uncompressed_file_is_read(tmp_path, protocol):
    (tmp_path / "mnist.pkl").write_bytes(build_file_content(protocol, parts()))
    assert is_same(read(tmp_path / "mnist.pkl"), parts())


@pytest.mark.parametrize("how", [{"fortran": True}, {"order": ">"}, {"module": b"numpy._core.multiarray"}], ids=str)
def test_other_array_layouts_are_read(tmp_path, how):
    assert is_same(read(write_compressed(tmp_path / "a.gz", build_file_content(P, parts(), **how))), parts())


@pytest.mark.parametrize(("dtype", "digits"), [(np.float64, np.int32), (np.float32, np.uint8)])
def test_other_number_types_are_read(tmp_path, dtype, digits):
    given = parts(dtype, digits)
    found = read(write_compressed(tmp_path / "a.gz", build_file_content(P, given)))
    assert is_same(found, given)
    assert [(x.dtype, y.dtype) for x, y in found] == [(dtype, np.int64)] * 3


def test_stored_values_are_used_again(tmp_path):
    """cPickle writes a repeated value as the number of the first one."""
    (pair, *_) = parts()
    one = P.tuple(array(P, pair[0]), array(P, pair[1])) + P.put(7)
    content = P.head + P.tuple(one, P.get(7), P.get(7)) + b"."
    assert is_same(read(write_compressed(tmp_path / "a.gz", content)), [pair] * 3)


RUN = []


def called(*words):
    RUN.append(words)


SYSTEM = b"cposix\nsystem\n(S'touch pwned'\ntR."
HOSTILE = {
    "os.system": (SYSTEM, "uses posix.system"),
    "os.system beneath arrays": (build_file_content(P, parts())[:-1] + SYSTEM, "uses posix.system"),
    "eval": (b"c__builtin__\neval\n(S'1'\ntR.", "uses __builtin__.eval"),
    "this test's own function": (f"c{__name__}\ncalled\n(tR.".encode(), "uses .*called"),
    "numpy's own load": (b"cnumpy\nload\n(S'x'\ntR.", "uses numpy.load"),
    "an instance": (b"(cposix\nsystem\no.", "uses posix.system"),
    "INST": (b"(iposix\nsystem\n.", "operation INST,"),
    "OBJ": (b"(o.", "operation OBJ,"),
    "persistent": (b"Pname\n.", "operation PERSID,"),
    "an extension": (b"\x82\x01.", "operation EXT1,"),
    "a dictionary": (b"}.", "is not a tuple"),
    "a dictionary of half a pair": (b"}(K\x01u.", "a damaged dictionary"),
    "a key that is a list": (b"}]K\x01s.", "a damaged dictionary"),
    "nothing in a later protocol": (b"\x80\x04.", "without its operands"),
    "STACK_GLOBAL": (b"\x8c\x05posix\x8c\x06system\x93.", "uses posix.system"),
    "STACK_GLOBAL of numbers": (b"K\x01K\x02\x93.", "without its operands"),
    "NEWOBJ": (b"cnumpy\nndarray\n)\x81.", "operation NEWOBJ,"),
    "a buffer outside": (b"\x97.", "operation NEXT_BUFFER,"),
    "encode with another codec": (b"c_codecs\nencode\n(Vx\nVzip\ntR.", "calls encode"),
    "encode of letters beyond Latin-1": (b"c_codecs\nencode\n(V\\u0416\nVlatin1\ntR.", "text in place of bytes"),
    "an endless text": (b"\x8d" + b"\xff" * 8, "is larger than"),
    "a long text of other letters": (
        b"X" + struct.pack("<I", 80_000) + "Ж".encode() * 40_000 + b".",
        "incomplete BINUNICODE",
    ),
    "a list in itself": (b"]q\x00h\x00a.", "deeper than arrays need"),
    "no operation": (b"\xff", "unknown operation"),
    "nothing": (b"", "is incomplete"),
    "a tuple without an end": (b"(I0\nI1\nt", "is incomplete"),
    "only an end": (b".", "without its operands"),
    "only a number": (b"I7\n.", "is not a tuple"),
    "three numbers": (b"(I1\nI2\nI3\nt.", "training data that are not a pair"),
    "a name for data": (P.tuple(*[P.tuple(b"cnumpy\nndarray\n", b"N")] * 3) + b".", "a name in place of data"),
    "an array never filled": (
        P.tuple(
            *[
                P.tuple(
                    *[b"cnumpy.core.multiarray\n_reconstruct\n" + P.tuple(b"cnumpy\nndarray\n", b"N", b"N") + b"R"] * 2
                )
            ]
            * 3
        )
        + b".",
        "an array without content",
    ),
    "a type of objects": (b"cnumpy\ndtype\n" + P.tuple(P.text(b"O8"), b"N", b"N") + b"R.", "calls dtype"),
    "a type by its description": (b"cnumpy\ndtype\n" + P.tuple(P.tuple(P.text(b"f4"))) + b"R.", "calls dtype"),
    "a call of an array": (b"cnumpy\nndarray\n" + P.tuple(P.tuple(P.number(9))) + b"R.", "calls ndarray"),
    "a tuple that never began": (b"t.", "ends a tuple"),
    "a reference to nothing": (b"h\x05.", "missing value"),
    "a reduction of nothing": (b"R.", "without its operands"),
    "a number that is none": (b"Ione\n.", "damaged or incomplete INT"),
    "a number of many digits": (b"I" + b"9" * 10_000 + b"\n.", "damaged or incomplete INT"),
    "a string without quotes": (b"Sabc\n.", "damaged or incomplete STRING"),
    "a string without end": (b"S'abc", "damaged or incomplete STRING"),
    "a string cut short": (b"T\x40\x00\x00\x00abc", "damaged or incomplete BINSTRING"),
    "a string of less than nothing": (b"T\xff\xff\xff\xff", "damaged or incomplete BINSTRING"),
    "a string that claims too much": (b"T" + struct.pack("<i", 2**31 - 1) + b"abc", "is larger than"),
    "operations without end": (b"N" * 1_000_001, "more than 1,000,000 operations"),
    "tuples in tuples": (b")" + b"q\x00h\x00\x86" * 3_000 + b".", "deeper than arrays need"),
    "more after its end": (build_file_content(P, parts()) + b"N", "continues after its end"),
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("pack", [True, False], ids=["compressed", "plain"])
def test_a_hostile_file_is_an_error_and_does_nothing_else(tmp_path, monkeypatch, what, pack):
    monkeypatch.chdir(tmp_path)
    content, says = HOSTILE[what]
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(content, mtime=0) if pack else content)
    with pytest.raises(DataError, match=says) as refused:
        read(path)
    assert refused.value.path == path
    assert refused.value.problem.startswith("expected a pickle of arrays, got one that ")
    assert len(str(refused.value)) < len(str(path)) + 400
    assert os.listdir() == ["mnist.pkl.gz"]
    assert RUN == []


def build_file(change):
    given = parts()
    change(given)
    return build_file_content(P, given)


WRONG = {
    "images that are no matrix": (
        lambda g: g.__setitem__(0, (np.zeros(784, np.float32), g[0][1])),
        r"training data of shapes \(784,\)",
    ),
    "a digit too few": (
        lambda g: g.__setitem__(1, (g[1][0], g[1][1][:-1])),
        r"validation data of shapes \(3, 784\) and \(2,\)",
    ),
    "whole numbers": (lambda g: g.__setitem__(2, (g[2][0].astype(np.int32), g[2][1])), r"test data of shapes"),
    "digits that are fractions": (lambda g: g.__setitem__(2, (g[2][0], g[2][1] / 2)), "types float32 and float64"),
    "NaN": (
        lambda g: g[0][0].__setitem__((0, 0), np.nan),
        "training data with NaN",
    ),
    "a label of 10": (
        lambda g: g[2][1].__setitem__(0, 10),
        "test data with NaN",
    ),
    "a negative label": (lambda g: g[2][1].__setitem__(0, -1), "test data with NaN"),
}


@pytest.mark.parametrize("what", WRONG)
def test_arrays_unlike_mnist_are_an_error(tmp_path, what):
    change, says = WRONG[what]
    with pytest.raises(DataError, match=says):
        read(write_compressed(tmp_path / "mnist.pkl.gz", build_file(change)))


def test_a_shape_must_match_its_bytes(tmp_path):
    good = array(P, np.zeros((2, 784), np.float32))
    for bad, says in [
        (good.replace(b"M\x10\x03", b"M\x11\x03"), r"shape \(2, 785\) with 6,272 bytes instead of 6,280"),
        (
            good.replace(P.tuple(b"K\x02", b"M\x10\x03"), P.tuple(b"J\xff\xff\xff\x7f", b"J\xff\xff\xff\x7f")),
            "with 6,272 bytes instead",
        ),
        (good.replace(P.tuple(b"K\x02", b"M\x10\x03"), P.tuple(b"J\xff\xff\xff\xff", b"M\x10\x03")), "a shape that"),
    ]:
        assert bad != good
        with pytest.raises(DataError, match=says):
            read(write_compressed(tmp_path / "a.gz", P.head + bad + b"."))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_an_incomplete_file_is_an_error(tmp_path, share):
    content = gzip.compress(build_file_content(P, parts()))
    (tmp_path / "mnist.pkl.gz").write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, check=has(path="mnist.pkl.gz")):
        read(tmp_path / "mnist.pkl.gz")


@pytest.mark.parametrize("at", [12, 500, -6])
def test_a_damaged_file_is_an_error(tmp_path, at):
    content = bytearray(gzip.compress(build_file_content(P, parts())))
    content[at] ^= 0xFF
    (tmp_path / "mnist.pkl.gz").write_bytes(content)
    with pytest.raises(DataError, check=has(path="mnist.pkl.gz")):
        read(tmp_path / "mnist.pkl.gz")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """A small file could fill the memory with its strings."""
    monkeypatch.setattr(limits, "PICKLE_BYTES", 100_000)
    zeros = b"T" + struct.pack("<i", 90_000) + bytes(90_000)
    with pytest.raises(DataError, match="arrays and texts of more than 300,000 bytes"):
        read(write_compressed(tmp_path / "a.gz", zeros * 4 + b"."))
    with pytest.raises(DataError, match="is larger than 400,000 bytes"):
        read(write_compressed(tmp_path / "a.gz", (b"T" + struct.pack("<i", 2) + bytes(2) + b"0") * 60_000))
    with pytest.raises(DataError, match="is larger than 100,000 bytes"):
        read(write_compressed(tmp_path / "a.gz", b"T" + struct.pack("<i", 100_001)))
    with pytest.raises(DataError, match="is larger than 100,000 bytes"):
        read(write_compressed(tmp_path / "a.gz", b"S'" + bytes(200_000)))


def test_many_arrays_of_one_string_are_not_made(tmp_path, monkeypatch):
    one = array(P, np.zeros((10, 784), np.float32))
    text = P.text(bytes(4 * 7840))
    assert one.count(text) == 1
    again = one.replace(text, P.get(8))
    content = P.head + text + P.put(8) + again * 10 + b"."
    monkeypatch.setattr(limits, "PICKLE_BYTES", 100_000)
    with pytest.raises(DataError, match="arrays and texts of more than 300,000 bytes"):
        read(write_compressed(tmp_path / "a.gz", content))


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    for path in (tmp_path / "nowhere.gz", tmp_path):
        with pytest.raises(DataError) as error:
            read(path)
        assert error.value.path == path


def test_a_file_that_python_3_wrote_is_read(tmp_path):
    """Downloading the book's file again is not needed."""
    given = parts()
    for protocol, content in enumerate(PYTHON_3):
        assert is_same(read(write_compressed(tmp_path / f"{protocol}.pkl.gz", content(given))), given)


PYTHON_3 = [partial(pickle.dumps, protocol=protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)] + [
    lambda given: pickle.dumps([list(pair) for pair in given], protocol=5)
]
