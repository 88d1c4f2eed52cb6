"""The roles of the columns of a table: targets, group, inputs, and those that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deltarule.data.column_profiles import Profile, find_irrelevance, profile_columns
from deltarule.data.column_references import LAST, check_different_names, check_roles, find_columns, is_column
from deltarule.data.label_copies import find_copies
from deltarule.data.number_text import has_codes
from deltarule.data.options import DataOptions
from deltarule.data.phrases import count, elide, name_column, name_columns, refer_to
from deltarule.data.target_column import Choice, choose_target
from deltarule.errors import DataError

STATED = "as stated"
"""The reason for a column that is left out because that was stated."""

MOST_NOTED = 40
"""The most inputs of a table whose columns of a single value are noted."""


@dataclass(frozen=True)
class Roles:
    """The roles of the columns of a table.

    Attributes:
        targets: The names of the target columns.
        group: The name of the column whose equal values stay in one set; "" for none.
        ignored: The names of the columns that are left out.
        inputs: The names of the input columns, in order.
        notes: Sentences about what was decided.
        doubts: Sentences about what could be meant otherwise, with the option that settles it.
        reasons: The reason why each ignored column is left out.

    >>> Roles(("species",), "", ("id",), ("height", "width"), reasons=("identifier",)).inputs
    ('height', 'width')
    """

    targets: tuple[str, ...]
    group: str
    ignored: tuple[str, ...]
    inputs: tuple[str, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def choose_roles(
    names: Sequence[str], sample: Sequence[Sequence[str]], has_names: bool, options: DataOptions, source: str = ""
) -> Roles:
    """Choose the roles of the columns by what is stated, then by names and a sample of the rows.

    Row numbers, identifiers, dates, text that differs in most rows and empty columns without a name are left out
    unless ``options.inputs`` names them, or no input would be left.

    Args:
        names: The names of all columns, in order.
        sample: The first rows as text.
        has_names: True if the table has a heading.
        options: What is stated.
        source: The path of the table, for errors.

    Raises:
        DataError: For names of no column, for a column with two roles, and for a table without target or inputs.

    >>> rows = [("0", "oak", "0.5"), ("1", "ash", "1.5"), ("2", "oak", "2.5"), ("3", "oak", "0.1"), ("4", "ash", "3")]
    >>> roles = choose_roles(["", "species", "height"], rows, True, DataOptions())
    >>> roles.targets, roles.inputs, roles.ignored, roles.reasons
    (('species',), ('height',), ('',), ('row numbers',))
    """
    check_different_names(names, source)
    profiles = {profile.name: profile for profile in profile_columns(names, sample, has_names)}
    label, notes = _find_labels(options.label, names, profiles, source)
    has_test = not isinstance(options.test, str) or options.test != ""  # which may have other columns
    here = [reference for reference in options.ignore if not has_test or is_column(reference, names)]
    ignore, more_notes = find_columns(here, names, "ignore", source)
    inputs, other_notes = find_columns(options.inputs, names, "inputs", source)
    group = find_columns([options.group] if options.group else [], names, "group", source)[0]
    check_roles([("label", label), ("inputs", inputs), ("group", group)], source)
    check_roles([("ignore", ignore), ("label", label)], source)
    check_roles([("ignore", ignore), ("inputs", inputs)], source)
    left_out = {name: STATED for name in ignore if name not in group}
    taken = {*label, *inputs, *group, *left_out}
    free = [profiles[name] for name in names if name not in taken]
    noticed = _find_irrelevant(free, names)
    if label:
        choice = Choice("")
    else:
        candidates = [p for p in free if p.name not in noticed] or [p for p in free if p.words] or free
        choice = choose_target(candidates, names) if candidates else Choice("")
        label = (choice.name,) if candidates else ()
    if inputs:
        left_out |= {profile.name: noticed.get(profile.name, STATED) for profile in free if profile.name not in label}
        noticed = {}
    else:
        rest = [profile.name for profile in free if profile.name not in label]
        noticed = {name: noticed[name] for name in rest if name in noticed}
        noticed = {} if len(noticed) == len(rest) else noticed
        inputs = tuple(name for name in rest if name not in noticed)
        left_out |= noticed
    if not label or not inputs:
        kind = "input column beside the target" if label else "target column"
        problem = f"expected at least one {kind}, got {count(len(names), 'column')}: {elide(names)}"
        remedy = "check the separator of the columns" if len(names) < 2 else "leave fewer columns out"
        raise DataError(problem, path=source or None, argument="label" * (not label), remedy=remedy)
    ignored = tuple(name for name in names if name in left_out)
    chosen = [profiles[name] for name in inputs]
    return Roles(
        label,
        "".join(group),
        ignored,
        inputs,
        (*notes, *more_notes, *other_notes, *choice.notes, *_note_left_out(noticed, names), *_note_constants(chosen)),
        (*choice.doubts, *_doubt_inputs(chosen, options), *find_copies(chosen, [profiles[name] for name in label])),
        tuple(left_out[name] for name in ignored),
    )


def _find_labels(
    references: Sequence[str], names: Sequence[str], profiles: dict[str, Profile], source: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the stated targets; the last column is the last that is not empty and without a name."""
    filled = [i for i, name in enumerate(names, 1) if profiles[name].words or not profiles[name].is_unnamed]
    if LAST in references and LAST not in names and filled:
        references = [str(filled[-1]) if reference == LAST else reference for reference in references]
        if str(filled[-1]) in names:
            references = [names[int(r) - 1] if r == str(filled[-1]) else r for r in references]
    return find_columns(references, names, "label", source)


def _find_irrelevant(free: Sequence[Profile], names: Sequence[str]) -> dict[str, str]:
    """Find the columns that are left out unless they are stated as inputs, with the reasons."""
    reasons = {profile.name: find_irrelevance(profile, profile.name == names[0]) for profile in free}
    return {name: reason for name, reason in reasons.items() if reason}


def _note_left_out(noticed: dict[str, str], names: Sequence[str]) -> tuple[str, ...]:
    by_reason: dict[str, list[str]] = {}
    for name, reason in noticed.items():
        by_reason.setdefault(reason, []).append(name)
    notes = []
    for reason, columns in by_reason.items():
        are, them = ("is", "it") if len(columns) == 1 else ("are", "one")
        remedy = f'to use {them}, name all input columns: inputs="{refer_to(columns[0], names)}", …'
        notes.append(f"{name_columns(columns)} ({reason}) {are} left out; {remedy}")
    return tuple(notes)


def _note_constants(inputs: Sequence[Profile]) -> tuple[str, ...]:
    """Return a note about inputs that never change in the sample; none for wide tables, such as those of pictures."""
    constant = [profile.name for profile in inputs if profile.n > 1 and profile.is_constant]
    if not constant or len(inputs) > MOST_NOTED:
        return ()
    same = "has the same value" if len(constant) == 1 else "have the same value each"
    return (f"{name_columns(constant)} {same} in the first {count(len(inputs[0].cells), 'row')}",)


def _doubt_inputs(inputs: Sequence[Profile], options: DataOptions) -> tuple[str, ...]:
    """Return doubts about inputs that may be row numbers or identifiers, unless inputs are stated."""
    if options.inputs:
        return ()
    doubts = []
    for profile in inputs:
        if profile.has_codes:
            code = next(word for word in profile.words if has_codes([word]))
            doubts.append(
                f"{name_column(profile.name)} has numbers such as {code}, which count as {float(code):g}; if they are "
                f'names, such as postal codes, leave it out: ignore="{refer_to(profile.name)}"'
            )
        elif profile.is_counter:
            doubts.append(
                f'{name_column(profile.name)} counts the rows; to leave it out: ignore="{refer_to(profile.name)}"'
            )
        elif profile.has_identifier_name and profile.n >= 2 * len(profile.words) > 20 and not options.group:
            doubts.append(
                f"{name_column(profile.name)} may be an identifier; to leave it out: "
                f'ignore="{refer_to(profile.name)}"; to keep its rows in one set: group="{refer_to(profile.name)}"'
            )
    return tuple(doubts)
