"""Runs of every kind come to the recorded numbers: to the bit on machines alike, and nearly on all others."""

from __future__ import annotations

import numpy as np
import pytest

from . import hashes, runs

RECORDED = hashes.read()


def changed(name: str, arrays: dict[str, np.ndarray]) -> list[str]:
    """The parts of which a bit is another than on a machine like this; none where there was no such machine."""
    expected = RECORDED["hashes"].get(hashes.key(), {}).get(name, {})
    return [part for part, sha256 in expected.items() if hashes.sha256(arrays[part]) != sha256]


@pytest.mark.parametrize("name", runs.RUNS)
def test_a_run_comes_to_the_recorded_numbers(name, tmp_path):
    arrays, digests = runs.compute(name, tmp_path), RECORDED["digests"][name]
    assert arrays.keys() == digests.keys()
    tolerance = runs.RUNS[name].tolerance
    far = [part for part, digest in digests.items() if hashes.differ(arrays[part], digest, tolerance)]
    assert far == [], f"farther than {tolerance:g} from what was recorded"
    assert changed(name, arrays) == [], f"other bits than those recorded on {hashes.key()}"


@pytest.mark.parametrize("name", runs.MINIATURES)
def test_a_miniature_comes_to_the_recorded_figures(name, tmp_path):
    assert changed(name, runs.compute(name, tmp_path)) == [], f"other bits than those recorded on {hashes.key()}"


def test_the_bits_of_this_machine_are_recorded():
    if hashes.key() not in RECORDED["hashes"]:
        pytest.skip(f"no hashes of {hashes.key()}: digests alone were compared; see python -m tests.safety.record")
    missing = {*runs.RUNS, *runs.MINIATURES} - RECORDED["hashes"][hashes.key()].keys()
    assert missing == set(), "record these by python -m tests.safety.record NAME ..."


def test_one_bit_is_noticed_and_a_small_difference_too():
    array = np.random.default_rng(1).standard_normal(1000)
    other = array.copy()
    other[500] = np.nextafter(other[500], 9)
    assert hashes.sha256(other) != hashes.sha256(array)
    assert not hashes.differ(other, hashes.digest(array), runs.SHARP)
    other[500] += 1e-5
    assert hashes.differ(other, hashes.digest(array), runs.SHARP)
