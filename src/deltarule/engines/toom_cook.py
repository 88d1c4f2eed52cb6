"""Two neighbouring outputs of a convolution by fewer multiplications (Toom and Cook; Winograd, 1980).

Two outputs of a kernel with k taps, z₀ = Σ w[j] x[j] and z₁ = Σ w[j] x[j + 1], take 2 k products.
They are also Aᵀ ((G w) ⊙ (B x)), k + 1 products, with small matrices derived from polynomials: the
transpose of this map multiplies a polynomial of k coefficients by one of 2, and the product has
k + 1 coefficients, which its values at k + 1 points determine.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np

KERNELS = (3, 4, 5)
"""Numbers of taps for which it pays and rounding stays that of the direct sum; more taps need points so large that
digits are lost."""

POINTS = (0, 1, -1, 2, -2)
"""The points where the polynomials are evaluated; the last is infinity, whose value is the leading coefficient."""


@cache
def matrices(k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute G (k + 1, k), B (k + 1, k + 1) and A (k + 1, 2), float64.

    >>> G, B, A = matrices(3)
    >>> w, x = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0, 7.0])
    >>> A.T @ ((G @ w) * (B @ x))  # 1·4 + 2·5 + 3·6 and 1·5 + 2·6 + 3·7
    array([32., 38.])
    """
    # B is the transpose of interpolation: the inverse of evaluation, in fractions, so that it is exact
    B = _inverse(_values(k, k + 1))
    B = [list(column) for column in zip(*B, strict=True)]
    G = _values(k, k)
    for t, row in enumerate(B):  # whole numbers in B, which multiplies every input; fractions in G, which multiplies w
        factor = min(abs(b) for b in row if b)
        B[t], G[t] = [b / factor for b in row], [g * factor for g in G[t]]
    return _array(G), _array(B), _array(_values(k, 2))


def _values(k: int, coefficients: int) -> list[list[Fraction]]:
    """Return the matrix that maps the coefficients of a polynomial to its values at the k + 1 points."""
    rows = [[Fraction(point) ** power for power in range(coefficients)] for point in POINTS[:k]]
    return [*rows, [Fraction(power == coefficients - 1) for power in range(coefficients)]]


def _inverse(matrix: list[list[Fraction]]) -> list[list[Fraction]]:
    """Invert a matrix by Gauss–Jordan elimination; rows are exchanged where a pivot is 0."""
    n = len(matrix)
    rows = [[*row, *(Fraction(i == j) for j in range(n))] for i, row in enumerate(matrix)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[n:] for row in rows]


def _array(rows: list[list[Fraction]]) -> np.ndarray:
    return np.asarray([[float(value) for value in row] for row in rows])
