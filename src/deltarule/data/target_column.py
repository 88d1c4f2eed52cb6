"""The target column of a table for which none is stated: by the names of the columns, then by their values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from deltarule.data.column_profiles import Profile
from deltarule.data.phrases import count, elide, name_column, refer_to
from deltarule.data.target_columns import NO, YES

SURE_NAMES = ("label", "labels", "target", "class", "outcome", "diagnosis")
"""Names, in any case, that mean a target wherever the column stands; the earlier ones are the stronger."""

USUAL_NAMES = ("y", "response", "output", "result", "species", "price")
"""Names, in any case, that mean a target in the first and in the last column."""


@dataclass(frozen=True)
class Choice:
    """A target column, with sentences about it.

    Attributes:
        name: The name of the column.
        notes: Sentences that say why it was chosen.
        doubts: Sentences that say which column could be meant instead.
    """

    name: str
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def choose_target(candidates: Sequence[Profile], names: Sequence[str]) -> Choice:
    """Choose the target column among the candidates, which are in the order of the table.

    A column with one of :data:`SURE_NAMES` is the target; then the first or the last with one of :data:`USUAL_NAMES`.
    Otherwise it is the first column or the last: the only one of words, if its values repeat; the one whose values are
    more like labels; else the first.

    >>> rows = [("x", "0.5"), ("y", "1.5"), ("x", "2.5")]
    >>> first, last = (Profile(name, cells) for name, cells in zip(("kind", "width"), zip(*rows)))
    >>> choose_target([first, last], ["kind", "width"])
    Choice(name='kind', notes=(), doubts=())
    """
    by_name = _choose_by_name(candidates, names)
    choice = by_name or _choose_by_values(candidates, names)
    return replace(choice, doubts=(*choice.doubts, *_doubt_single(choice.name, candidates, names)))


def _doubt_single(name: str, candidates: Sequence[Profile], names: Sequence[str]) -> tuple[str, ...]:
    """Return the sentence about several labels: the columns of 0 and 1, or no and yes, if all stand at the same end."""
    order = [*candidates] if name == candidates[0].name else [*reversed(candidates)]
    run = list(takewhile(_is_binary, order))
    if len(run) < 2 or order[0].name != name or any(map(_is_binary, order[len(run) :])):
        return ()
    labels = [refer_to(profile.name, names) for profile in (run if order == [*candidates] else reversed(run))]
    if len(run) == len(candidates):
        return ()
    remedy = f'label="{",".join(labels)}"'
    return (f"{elide(labels)} have two values each: if they are several labels of each row, state {remedy}",)


def _is_binary(profile: Profile) -> bool:
    return len(profile.words) == 2 and {word.lower() for word in profile.words} <= YES | NO


def _choose_by_name(candidates: Sequence[Profile], names: Sequence[str]) -> Choice | None:
    ends = (candidates[0], candidates[-1]) if len(candidates) > 1 else tuple(candidates)
    by_strength = [(_rank(profile.name, SURE_NAMES), profile) for profile in candidates]
    sure = [profile for rank, profile in sorted(by_strength, key=lambda pair: pair[0]) if rank < len(SURE_NAMES)]
    usual = [profile for profile in ends if _rank(profile.name, USUAL_NAMES) < len(USUAL_NAMES)]
    if any(profile.name.strip().lower() == "x" for profile in candidates) and len(candidates) > 2:
        usual = [profile for profile in usual if profile.name.strip().lower() != "y"]  # coordinates x and y
    if not sure and not usual:
        return None
    chosen, *others = sure or usual
    if not others and chosen not in ends:
        others = [profile for profile in ends if profile.likeness == 2 and _stands_out(profile, candidates)]
    return Choice(chosen.name, (), _doubt(chosen, "by its name", others, names))


def _choose_by_values(candidates: Sequence[Profile], names: Sequence[str]) -> Choice:
    first, last = candidates[0], candidates[-1]
    words = [profile for profile in candidates if profile.numbers is None or profile.has_codes]
    if first is last:
        return Choice(first.name)
    if words == [last] and last.likeness:
        others = [first] if first.likeness == 2 and len(first.words) > 2 else []
        if doubts := _doubt(last, "as the only column of words", others, names):
            return Choice(last.name, (), doubts)
        return Choice(
            last.name, (f"the target is the last column, {refer_to(last.name, names)}, the only one of words",)
        )
    if last.likeness > first.likeness:
        n = len(first.words)
        values = count(n, "different value") if n > 1 else "the same value in all rows"
        why = f"because the first, {refer_to(first.name, names)}, has {values}"
        if first.likeness and first.numbers is not None and last.numbers is not None:
            return Choice(last.name, (), _doubt(last, f"as the last, {why}", [first], names))
        return Choice(last.name, (f"the target is the last column, {refer_to(last.name, names)}, {why}",))
    others = [last] if last.likeness == first.likeness and last.likeness and _stands_out(last, candidates) else []
    if first.likeness < 2 and len(between := [profile for profile in candidates[1:-1] if profile.likeness == 2]) < 4:
        others += between
    return Choice(first.name, (), _doubt(first, "as the first", others, names))


def _doubt(chosen: Profile, why: str, others: Sequence[Profile], names: Sequence[str]) -> tuple[str, ...]:
    """Return the sentence that says which column is taken and how to state another one; none without others."""
    if not others:
        return ()
    labels = [refer_to(profile.name, names) for profile in (chosen, *others)]
    instead = f"if {elide(labels[1:])} is meant, state " + " or ".join(f'label="{one}"' for one in labels[1:])
    return (f'the target is {name_column(chosen.name)}, {why} (label="{labels[0]}"); {instead}',)


def _rank(name: str, known: Sequence[str]) -> int:
    name = name.strip().lower()
    return known.index(name) if name in known else len(known)


def _stands_out(profile: Profile, candidates: Sequence[Profile]) -> bool:
    """Return True unless the column belongs to a numbered series, or most columns are like it, as in pictures."""
    series = {_stem(other.name) for other in candidates if other is not profile and re.search(r"\d", other.name)}
    if not profile.name.startswith("column ") and _stem(profile.name) in series:
        return False
    alike = sum(other.likeness == profile.likeness for other in candidates)
    return len(candidates) <= 8 or 2 * alike < len(candidates) or profile.likeness == 1


def _stem(name: str) -> str:
    return re.sub(r"\d+", "#", name)
