"""Random numbers as a pure function of a key: the same key gives the same bits on every engine.

A key is a path: two words of 32 bits from a seed, then any numbers folded in, such as the epoch,
the step and the index of a layer. It is hashed only when numbers are drawn with it. So every layer
has its own key at every step, and no state passes from one step to the next: a resumed run, or
a check by finite differences, gets the same masks.
"""

from __future__ import annotations

from math import pi, prod
from operator import index

import numpy

from deltarule.core.constraints import Constraint, check, whole
from deltarule.core.layer import Array, Key, Shape

SEED = Constraint("a whole number from 0 to 2**64 - 1", whole(0, 2**64 - 1).accepts)


def key(seed: int) -> Key:
    """Return the key of a seed, from which :func:`fold` derives all others.

    Raises :class:`InvalidArgument` unless ``seed`` is a whole number with 0 ≤ seed < 2⁶⁴.

    >>> bits(key(1), (2,)).tolist() == bits(key(2), (2,)).tolist()
    False
    """
    check("seed", seed, SEED)
    seed = index(seed)
    # the only place in the core that names an array library: so NumPy draws all that is drawn from
    # these keys before training, such as the first weights, whichever engine trains
    return (numpy.asarray([seed & 0xFFFFFFFF, seed >> 32], dtype=numpy.uint32),)


def fold(key: Key, number: int | Array) -> Key:
    """Derive a new key from a key and a whole number below 2³² − 1.

    >>> bits(fold(key(1), 7), (2,)).tolist() == bits(fold(key(1), 8), (2,)).tolist()
    False
    """
    return (*key, number)


def bits(key: Key, shape: Shape) -> Array:
    """Draw uniform uint32 of this shape: the hash of 0, 1, 2, … under the key.

    Raises MemoryError for more than 2³² of them, for which the counters would begin again.

    >>> bits(key(1), (2, 3)).dtype, bits(key(1), (2, 3)).shape
    (dtype('uint32'), (2, 3))
    """
    if prod(shape) > 2**32:
        raise MemoryError(f"{prod(shape):,} random numbers of at most {2**32:,}")
    words, *path = key
    xp = words.__array_namespace__()
    golden = xp.asarray(0x9E3779B9, dtype=xp.uint32)  # 2³² over the golden ratio, odd: spreads counters out
    lanes = xp.asarray([1, 2], dtype=xp.uint32) * golden  # two equal words must not stay equal
    words = _mix(words + lanes)
    for number in path:
        n = xp.astype(xp.reshape(xp.asarray(number), (1,)), xp.uint32)
        words = _mix(words + (n + 1) * lanes)
        words = _mix(words + 2 * xp.flip(words))
    counters = xp.arange(prod(shape), dtype=xp.uint32)
    return xp.reshape(_mix(_mix(counters * golden + words[0:1]) ^ words[1:2]), shape)


def _mix(x: Array) -> Array:
    """Map 32-bit words one to one, so that each bit of the input changes about half of the output's bits."""
    xp = x.__array_namespace__()
    x = (x ^ (x >> 16)) * xp.asarray(0x7FEB352D, dtype=xp.uint32)
    x = (x ^ (x >> 15)) * xp.asarray(0x846CA68B, dtype=xp.uint32)
    return x ^ (x >> 16)


def uniform(key: Key, shape: Shape) -> Array:
    """Draw uniform float64 strictly between 0 and 1.

    >>> u = uniform(key(1), (1000,))
    >>> bool(0 < u.min() < 0.01 and 0.99 < u.max() < 1 and abs(u.mean() - 0.5) < 0.03)
    True
    """
    drawn = bits(key, shape)
    xp = drawn.__array_namespace__()
    return (xp.astype(drawn, xp.float64) + 0.5) * 2.0**-32


def normal(key: Key, shape: Shape) -> Array:
    """Draw standard normal float64, N(0, 1), by the transform of Box and Muller.

    >>> z = normal(key(1), (1000,))
    >>> bool(abs(z.mean()) < 0.1 and abs(z.std() - 1) < 0.1)
    True
    """
    u, v = uniform(fold(key, 0), shape), uniform(fold(key, 1), shape)
    xp = u.__array_namespace__()
    return xp.sqrt(-2 * xp.log(u)) * xp.cos(2 * pi * v)


def uniform_like(key: Key, x: Array) -> Array:
    """Draw uniform numbers 0 ≤ u < 1 of 24 bits, in the shape and the type of ``x``.

    >>> u = uniform_like(key(1), numpy.zeros(1000, numpy.float32))
    >>> u.dtype, bool(0 <= u.min() < 0.01 and 0.99 < u.max() < 1)
    (dtype('float32'), True)
    """
    drawn = bits(key, x.shape) >> 8
    return drawn.__array_namespace__().astype(drawn, x.dtype) * 2.0**-24


def normal_like(key: Key, x: Array) -> Array:
    """Draw standard normal numbers in the shape and the type of ``x``, by the transform of Box and Muller.

    >>> normal_like(key(1), numpy.zeros(2, numpy.float32)).dtype
    dtype('float32')
    """
    u, v = uniform_like(fold(key, 0), x), uniform_like(fold(key, 1), x)
    xp = u.__array_namespace__()
    return xp.sqrt(-2 * xp.log(u + 2.0**-25)) * xp.cos(2 * pi * v)


def bernoulli(key: Key, p: float, shape: Shape) -> Array:
    """Draw booleans of this shape, True with probability ``p``; the same for every floating type.

    >>> bool(abs(bernoulli(key(1), 0.25, (1000,)).mean() - 0.25) < 0.05)
    True
    """
    drawn = bits(key, shape)
    xp = drawn.__array_namespace__()
    return drawn <= xp.asarray(max(0, round(p * 2**32) - 1), dtype=xp.uint32)
