"""Randomness as a pure function of a key: the same key gives the same bits on every engine.

A key is two 32-bit words. ``fold`` makes a new key out of a key and a number (a step, the index of
a layer), so every layer at every step has a key of its own and nothing has to be remembered from
one step to the next: a run that is resumed, or checked by finite differences, meets the same masks.
"""

from __future__ import annotations

from math import pi, prod

import numpy

from deltarule.core.layer import Array, Shape
from deltarule.errors import UsageError

_GOLDEN = 0x9E3779B9  # 2^32 over the golden ratio, odd: spreads successive counters over the word


def key(seed: int) -> Array:
    """The key of a seed: a NumPy array of two uint32, from which all others are folded.

    Raises :class:`UsageError` unless 0 ≤ ``seed`` < 2⁶⁴.

    >>> key(1).shape, key(1).dtype.name
    ((2,), 'uint32')
    """
    if not 0 <= seed < 2**64:
        raise UsageError(f"seed {seed}: a seed is a whole number from 0 to 2**64 - 1")
    # the one place of the core that names an array library: what is drawn from these keys before
    # training, such as the first weights, is then drawn by NumPy whatever engine trains
    return fold(numpy.asarray([seed & 0xFFFFFFFF, seed >> 32], dtype=numpy.uint32), 0)


def fold(key: Array, number: int | Array) -> Array:
    """A new key from a key and a number below 2³² (an int, or an integer array of one element).

    >>> key(1).tolist() == fold(key(1), 7).tolist()
    False
    """
    xp = key.__array_namespace__()
    n = xp.astype(xp.reshape(xp.asarray(number), (1,)), xp.uint32)
    words = _mix(key + (n + 1) * _GOLDEN)
    return _mix(words + 3 * xp.flip(words))


def bits(key: Array, shape: Shape) -> Array:
    """Uniform uint32 of the given shape: the hash of 0, 1, 2, … under the key."""
    xp = key.__array_namespace__()
    counters = xp.arange(prod(shape), dtype=xp.uint32)
    return xp.reshape(_mix(_mix(counters * _GOLDEN + key[0:1]) ^ key[1:2]), shape)


def uniform(key: Array, shape: Shape) -> Array:
    """Uniform float64 strictly between 0 and 1.

    >>> u = uniform(key(1), (1000,))
    >>> bool(0 < u.min() < 0.01 and 0.99 < u.max() < 1 and abs(u.mean() - 0.5) < 0.03)
    True
    """
    xp = key.__array_namespace__()
    return (xp.astype(bits(key, shape), xp.float64) + 0.5) * 2.0**-32


def normal(key: Array, shape: Shape) -> Array:
    """Standard normal float64, N(0, 1), by the transform of Box and Muller."""
    xp = key.__array_namespace__()
    radius = xp.sqrt(-2 * xp.log(uniform(fold(key, 0), shape)))
    return radius * xp.cos(2 * pi * uniform(fold(key, 1), shape))


def bernoulli(key: Array, p: float, shape: Shape) -> Array:
    """True with probability ``p``, of the given shape; the same for every floating type."""
    if p >= 1:
        return bits(key, shape) >= 0
    return bits(key, shape) < int(p * 2**32)


def _mix(x: Array) -> Array:
    """A bijection of 32-bit words after which every bit of the input moves every bit of the output."""
    x = (x ^ (x >> 16)) * 0x7FEB352D
    x = (x ^ (x >> 15)) * 0x846CA68B
    return x ^ (x >> 16)
