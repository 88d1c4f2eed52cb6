"""Random bits: always and everywhere the same for a key, uniform, and different for different keys."""

from __future__ import annotations

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deltarule.core.costs import CrossEntropy
from deltarule.core.layers import Dropout
from deltarule.core.network import Network
from deltarule.core.random import bernoulli, bits, fold, key, normal, uniform
from deltarule.errors import InvalidArgument

from .measures import key_in

WORD = 2**32


def test_the_stream_never_changes():
    """Check fixed values: a change of them would change every experiment and every saved seed."""
    assert bits(key(1), (4,)).tolist() == GOLDEN["key(1)"]
    assert bits(fold(fold(key(1), 2), 3), (4,)).tolist() == GOLDEN["fold 2, 3"]
    assert bits(key(2**64 - 1), (2,)).tolist() == GOLDEN["the last seed"]


def mix(x: int) -> int:
    x = (x ^ (x >> 16)) * 0x7FEB352D % WORD
    x = (x ^ (x >> 15)) * 0x846CA68B % WORD
    return x ^ (x >> 16)


def test_the_stream_in_whole_numbers():
    """Check against the hash in Python's integers, which neither overflow nor have a type."""
    golden, path, seed = 0x9E3779B9, (7, 0, 3_000_000_000), 0x1234567890ABCDEF
    first, second = mix((seed % WORD + golden) % WORD), mix((seed // WORD + 2 * golden) % WORD)
    for n in path:
        first, second = mix((first + (n + 1) * golden) % WORD), mix((second + (n + 1) * 2 * golden) % WORD)
        first, second = mix((first + 2 * second) % WORD), mix((second + 2 * first) % WORD)
    by_hand = [mix(mix((i * golden + first) % WORD) ^ second) for i in range(10)]
    k = key(seed)
    for n in path:
        k = fold(k, n)
    assert bits(k, (10,)).tolist() == by_hand


@pytest.mark.parametrize("xp", [array_api_strict, jnp], ids=["array_api_strict", "jax"])
def test_the_same_bits_in_every_library(xp):
    for seed in (0, 1, 2**40 + 5):
        k = fold(key(seed), 3)
        other = fold(key_in(xp, key(seed)), 3)
        assert np.asarray(bits(other, (3, 5))).tolist() == bits(k, (3, 5)).tolist()
        assert np.asarray(bernoulli(other, 0.3, (3, 5))).tolist() == bernoulli(k, 0.3, (3, 5)).tolist()
        # a step counted by the library itself is the same step
        counted = fold(key_in(xp, key(seed)), xp.asarray(3))
        assert np.asarray(bits(counted, (3, 5))).tolist() == bits(k, (3, 5)).tolist()


def test_the_same_bits_compiled_with_a_step_that_is_only_known_later():
    start = key_in(jnp, key(9))
    compiled = jax.jit(lambda step: bits(fold(fold(start, step), 1), (8,)))
    for step in (0, 1, 2_000_000_000):
        assert np.asarray(compiled(step)).tolist() == bits(fold(fold(key(9), step), 1), (8,)).tolist()


def test_a_shape_only_lays_the_same_numbers_out():
    flat = bits(key(4), (24,))
    assert flat.dtype == np.uint32
    assert bits(key(4), (2, 3, 4)).ravel().tolist() == flat.tolist()
    assert bits(key(4), ()).tolist() == flat[0]
    assert bits(key(4), (0, 3)).shape == (0, 3)
    assert bits(key(4), (10,)).tolist() == flat[:10].tolist()


@pytest.mark.parametrize("byte", range(4))
def test_uniform_by_chi_square(byte):
    n = 100_000
    drawn = bits(fold(key(11), byte), (n,)) >> (8 * byte) & 255
    chi_square = ((np.bincount(drawn, minlength=256) - n / 256) ** 2 / (n / 256)).sum()
    # 255 degrees of freedom: mean 255, deviation √510. Too even would be as wrong as too uneven
    assert abs(chi_square - 255) < 4 * 510**0.5


def test_neighbours_know_nothing_of_each_other():
    u = uniform(key(12), (100_000,)) - 0.5
    for lag in (1, 2, 10, 784):
        assert abs((u[:-lag] * u[lag:]).mean() * 12) < 4 / 100_000**0.5


def test_every_bit_of_a_seed_moves_half_the_bits():
    n = 200
    for bit in range(64):
        changed = bits(key(77), (n,)) ^ bits(key(77 ^ (1 << bit)), (n,))
        share = np.unpackbits(changed.view(np.uint8)).mean()
        assert abs(share - 0.5) < 5 * 0.5 / (32 * n) ** 0.5


def test_streams_of_seeds_and_folds_do_not_meet():
    keys = [key(s) for s in range(50)]
    keys += [fold(key(0), n) for n in range(50)]
    keys += [fold(fold(key(0), m), n) for m in range(10) for n in range(10)]
    keys += [key(s << 32) for s in range(1, 50)]
    words = np.concatenate([bits(k, (20,)) for k in keys])
    assert len(np.unique(words)) == len(words)


def check_masks_are_all_different() -> None:
    """Check that no two layers or steps share a mask, and that masks are independent."""
    network = Network([Dropout(0.5), Dropout(0.5), Dropout(0.5)], CrossEntropy(), (64,))
    masks = []
    for step in range(20):
        _, caches = network.forward([{}, {}, {}], np.ones((2, 64)), fold(fold(key(5), 0), step))
        masks += [(kept > 0).ravel() for kept in caches]
    # 60 masks of 128: all pairs agree in about half the places, 5.5 deviations being the 1,770 pairs' limit
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert abs((one == other).mean() - 0.5) < 5.5 * 0.5 / 128**0.5


def test_masks_are_all_different():
    check_masks_are_all_different()


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9])
def test_bernoulli_rate(p):
    n = 200_000
    drawn = bernoulli(key(6), p, (n,))
    assert drawn.dtype == bool
    assert abs(drawn.mean() - p) < 4 * (p * (1 - p) / n) ** 0.5


def test_bernoulli_certain():
    assert bernoulli(key(6), 1.0, (1000,)).all()
    assert not bernoulli(key(6), 0.0, (1000,)).any()


def test_uniform_and_normal():
    n = 200_000
    u, z = uniform(key(8), (n,)), normal(key(8), (n,))
    assert u.dtype == z.dtype == np.float64
    assert ((u > 0) & (u < 1)).all()
    assert abs(u.mean() - 0.5) < 4 * (1 / 12 / n) ** 0.5
    assert abs(z.mean()) < 4 / n**0.5
    assert abs(z.std() - 1) < 4 / (2 * n) ** 0.5
    for bound, inside in [(1, 0.682689), (2, 0.954500), (3, 0.997300)]:
        assert abs((abs(z) < bound).mean() - inside) < 4 * (inside * (1 - inside) / n) ** 0.5
    assert (z > 4).any()


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, None, True])
def test_invalid_seeds_are_refused(seed):
    with pytest.raises(InvalidArgument) as error:
        key(seed)
    assert error.value.argument == "seed"


GOLDEN = {
    "key(1)": [2670560984, 2882398089, 3871436963, 627919177],
    "fold 2, 3": [4154017105, 4058817856, 1977577816, 2530021240],
    "the last seed": [3885847645, 1571265492],
}
