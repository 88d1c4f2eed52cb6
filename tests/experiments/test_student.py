"""Student's t distribution in plain Python, against SciPy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from deltarule.experiments.student import find_cumulative, find_incomplete_beta, find_quantile


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 9, 19, 30, 200])
@pytest.mark.parametrize("p", [1e-6, 0.025, 0.3, 0.5, 0.7, 0.95, 0.975, 0.9999])
def test_quantile_against_scipy(p, df):
    assert find_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9, abs=1e-12)


@given(st.floats(-50, 50), st.integers(1, 60))
def test_cumulative_against_scipy(t, df):
    assert find_cumulative(t, df) == pytest.approx(stats.t.cdf(t, df), rel=1e-10, abs=1e-14)


@given(st.floats(0.5, 40), st.floats(0.5, 40), st.floats(0, 1))
def test_incomplete_beta_against_scipy(a, b, x):
    assert find_incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-9, abs=1e-13)
