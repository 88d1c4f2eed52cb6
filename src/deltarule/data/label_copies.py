"""Input columns that repeat the target in other words, from which a network learns nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deltarule.data.column_profiles import FEWEST, Profile
from deltarule.data.phrases import name_column, refer_to
from deltarule.data.target_kind import MOST_CODES


def find_copies(inputs: Sequence[Profile], targets: Sequence[Profile]) -> tuple[str, ...]:
    """Return a doubt about each input column that repeats a target in the sample.

    A column repeats labels if each of its values stands for one label and each label for one value. It repeats
    amounts if all its numbers are the same multiple of them, plus the same number.

    >>> label = Profile("ill", ("yes", "no", "no", "yes", "no") * 2)
    >>> find_copies([Profile("code", ("1", "0", "0", "1", "0") * 2)], [label])
    ('column code repeats the label ill; if it is not known beforehand, leave it out: ignore="code"',)
    """
    return tuple(
        f"{name_column(profile.name)} repeats the label {target.name}; if it is not known beforehand, "
        f'leave it out: ignore="{refer_to(profile.name)}"'
        for target in targets
        for profile in inputs
        if _is_copy(profile, target)
    )


def _is_copy(profile: Profile, target: Profile) -> bool:
    k = len(target.words)
    if target.n < FEWEST or k < 2 or len(profile.words) != k:
        return False
    if k <= max(MOST_CODES, target.n**0.5):
        return len(set(zip(profile.cells, target.cells, strict=True))) == k
    if profile.numbers is None or target.numbers is None:
        return profile.cells == target.cells
    return _are_proportional(profile, target)


def _are_proportional(profile: Profile, target: Profile) -> bool:
    assert profile.numbers is not None
    assert target.numbers is not None
    ours, theirs = (dict(zip(p.words, np.asarray(p.numbers).tolist(), strict=True)) for p in (profile, target))
    pairs = [(a, b) for a, b in zip(profile.cells, target.cells, strict=True) if a in ours and b in theirs]
    if len(pairs) < FEWEST:
        return False
    x, y = np.array([(ours[a], theirs[b]) for a, b in pairs]).T
    x, y = x - x.mean(), y - y.mean()
    with np.errstate(over="ignore", invalid="ignore"):
        return bool((x @ y) ** 2 > (1 - 1e-9) * (x @ x) * (y @ y))
