"""Fingerprints of 64 bits, one for each example, equal only for examples with the same numbers."""

from __future__ import annotations

from hashlib import blake2b
from math import prod

import numpy as np

_ROWS = 8192


def hash_rows(x: np.ndarray) -> np.ndarray:
    """Compute a fingerprint of each example, (n,) uint64: BLAKE2b with 8 bytes of its numbers.

    The fingerprint depends on the numbers only: not on the shape of an example, nor on the type of the array if the
    numbers of the example are whole numbers from 0 to 255. −0 and 0 are the same, and so are all NaN. It is the same on
    every machine.

    Args:
        x: The examples, (n, ...).

    >>> hash_rows(np.array([[0.0, 255.0]])) == hash_rows(np.array([[[0], [255]]], np.uint8))
    array([ True])
    """
    rows = x.reshape(len(x), prod(x.shape[1:]))
    digests = [_hash_block(rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
    return np.concatenate([np.zeros(0, np.uint64), *digests])


def find_equal(x: np.ndarray) -> np.ndarray:
    """Find examples with the same numbers: equal numbers from 0 for equal examples, −1 for those that occur once, (n,).

    >>> find_equal(np.array([[1.0], [3.0], [2.0], [3.0]])).tolist()
    [-1, 0, -1, 0]
    """
    groups = np.full(len(x), -1, np.int64)
    rows = x.reshape(len(x), prod(x.shape[1:]))
    sums = [_sum_block(rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
    candidates = _find_shared(np.concatenate([np.zeros(0, np.uint64), *sums]))
    hashes = hash_rows(rows[candidates])
    shared = _find_shared(hashes)
    groups[candidates[shared]] = np.unique(hashes[shared], return_inverse=True)[1]
    return groups


def count_shared(wanted: np.ndarray, known: np.ndarray) -> int:
    """Count the fingerprints that are among those known.

    >>> count_shared(np.array([3, 4, 3]), np.array([1, 3]))
    2
    """
    return int(np.isin(wanted, known).sum())


def _find_shared(values: np.ndarray) -> np.ndarray:
    """Return the positions of the values that occur more than once."""
    order = np.argsort(values, kind="stable")
    same = np.diff(values[order]) == 0
    shared = np.zeros(len(values), bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    return np.flatnonzero(shared)


def _hash_block(rows: np.ndarray) -> np.ndarray:
    rows = _unify(rows)
    if rows.dtype == np.uint8:
        digests = [blake2b(row, digest_size=8).digest() for row in rows]
    else:
        is_whole = ((rows >= 0) & (rows <= 255) & (rows == np.floor(rows))).all(axis=1)
        small = np.where(is_whole[:, None], rows, 0).astype(np.uint8)
        chosen = (few if whole else row for whole, few, row in zip(is_whole, small, rows, strict=True))
        digests = [blake2b(row, digest_size=8).digest() for row in chosen]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _unify(rows: np.ndarray) -> np.ndarray:
    """Bring rows to bytes, or to little-endian floats with one form of 0 and one of NaN."""
    if rows.dtype.kind in "biu" and (rows.dtype == np.uint8 or ((rows >= 0) & (rows <= 255)).all()):
        return np.ascontiguousarray(rows, np.uint8)
    floats = np.asarray(rows, "<f4" if rows.dtype in (np.float16, np.float32) else "<f8") + 0.0
    floats[np.isnan(floats)] = np.nan
    return np.ascontiguousarray(floats)


def _sum_block(rows: np.ndarray) -> np.ndarray:
    """Compute a quick sum of each row, the same for rows of the same numbers, to leave out most other rows."""
    is_bytes = rows.dtype == np.uint8
    values = rows if is_bytes else np.asarray(rows, "<f8") + 0.0
    if not is_bytes:
        values[np.isnan(values)] = np.nan
    padded = np.zeros((len(rows), -(-values.shape[1] // 8) * 8 if is_bytes else values.shape[1]), values.dtype)
    padded[:, : values.shape[1]] = values
    words = padded.view("<u8")
    factors = np.frombuffer(blake2b(b"deltarule").digest() * (words.shape[1] // 8 + 1), "<u8")[: words.shape[1]]
    steps = np.arange(1, 2 * words.shape[1], 2, dtype=np.uint64)
    mixed = words ^ (words >> np.uint64(29))
    return np.asarray(np.einsum("ij,j->i", mixed, (factors * steps) | np.uint64(1)))
