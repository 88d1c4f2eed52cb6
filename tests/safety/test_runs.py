"""Runs of every kind give the recorded numbers: to the bit on machines of a recorded kind, nearly on others."""

from __future__ import annotations

import numpy as np
import pytest
from tests.slow import with_slow

from . import hashes, runs

RECORDED = hashes.read()


def find_changes(name: str, arrays: dict[str, np.ndarray]) -> list[str]:
    """List the arrays with other bits than recorded on this kind of machine; none if nothing is recorded for it."""
    expected = RECORDED["hashes"].get(hashes.key(), {}).get(name, {})
    return [part for part, sha256 in expected.items() if hashes.sha256(arrays[part]) != sha256]


@pytest.mark.parametrize("name", with_slow(runs.RUNS, "command: find-eta", "find_eta", "command: the recipe book-conv"))
def test_a_run_gives_the_recorded_numbers(name, tmp_path):
    arrays, digests = runs.compute(name, tmp_path), RECORDED["digests"][name]
    assert arrays.keys() == digests.keys()
    tolerance = runs.RUNS[name].tolerance
    far = [part for part, digest in digests.items() if hashes.differ(arrays[part], digest, tolerance)]
    assert far == [], f"farther than {tolerance:g} from the recorded numbers"
    assert find_changes(name, arrays) == [], f"other bits than those recorded on {hashes.key()}"


@pytest.mark.slow  # tests/experiments/test_every.py compares the figures of the same miniatures with the expected ones
@pytest.mark.parametrize("name", runs.MINIATURES)
def test_a_miniature_gives_the_recorded_figures(name, tmp_path):
    assert find_changes(name, runs.compute(name, tmp_path)) == [], f"other bits than those recorded on {hashes.key()}"


def test_every_run_is_recorded_for_this_kind_of_machine():
    if hashes.key() not in RECORDED["hashes"]:
        pytest.skip(f"no hashes for {hashes.key()}: only digests were compared; see python -m tests.safety.record")
    missing = {*runs.RUNS, *runs.MINIATURES} - RECORDED["hashes"][hashes.key()].keys()
    assert missing == set(), "record them: python -m tests.safety.record NAME ..."


def test_hashes_detect_one_bit_and_digests_a_small_difference():
    array = np.random.default_rng(1).standard_normal(1000)
    other = array.copy()
    other[500] = np.nextafter(other[500], 9)
    assert hashes.sha256(other) != hashes.sha256(array)
    assert not hashes.differ(other, hashes.digest(array), runs.SHARP)
    other[500] += 1e-5
    assert hashes.differ(other, hashes.digest(array), runs.SHARP)
