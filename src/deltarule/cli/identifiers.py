"""The column of a table that is copied before each answer, such as PassengerId."""

from __future__ import annotations

from deltarule.cli.option_errors import option_error
from deltarule.data.column_profiles import Profile, profile_columns
from deltarule.data.phrases import elide
from deltarule.preprocessing.tables import ModelTable


def find_identifier(table: ModelTable, ident: str | None) -> str:
    """Return the column to copy before each answer; "" for the number of the row.

    By default it is a column that the model ignores and that looks like an identifier: by its name, or else because all
    its values differ. Raises :class:`InvalidArgument` if ``ident`` is an input or no column.
    """
    reader = table.reader
    if ident is not None:
        others = [name for name in reader.names if name not in table.selection.inputs]
        if ident not in others:
            expected = f"a column that is no input: {elide(others)}" if others else "no --id, as all columns are inputs"
            raise option_error("--id", ident, expected)
        return ident
    schema = table.fitted.schema
    ignored = set(schema.ignored if schema is not None else ()) & set(table.selection.skip)
    if not ignored:
        return ""
    profiles = [p for p in profile_columns(reader.names, reader.sample, reader.has_names) if p.name in ignored]
    found = [*filter(has_usual_name, profiles), *filter(has_different_values, profiles)]
    return found[0].name if found else ""


def has_usual_name(profile: Profile) -> bool:
    """Check whether a column has a name that identifiers have, and no value that contradicts it.

    >>> has_usual_name(Profile("patient_id", ("7", "8"))), has_usual_name(Profile("patient_id", ("7", "7")))
    (True, False)
    """
    is_named = profile.has_identifier_name or profile.has_counter_name
    is_single = profile.n == 1  # a single row tells nothing by its value
    return is_named and (profile.is_different or is_single) and not profile.is_date


def has_different_values(profile: Profile) -> bool:
    """Check whether all values of a column are different, and words or whole numbers.

    >>> has_different_values(Profile("code", ("A7", "B1"))), has_different_values(Profile("mass", ("1.5", "2.5")))
    (True, False)
    """
    return profile.is_different and (profile.numbers is None or profile.is_whole) and not profile.is_date
