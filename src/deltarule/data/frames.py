"""Data frames of other libraries as tables: pandas, polars, pyarrow, modin, and all that exchange Arrow data.

Needs narwhals, from the extra ``tables``. Text, categories, dates and times are words, and so are booleans: True and
False, as in a file of text. Missing values stay missing: nulls, NaN, NaT and "".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from deltarule.data.cells import parse_number
from deltarule.data.column_reader import SAMPLE, ColumnReader
from deltarule.data.columns import Values, convert_numbers, convert_objects, slice_columns
from deltarule.data.library_errors import translating
from deltarule.errors import DataError, require_extra

if TYPE_CHECKING:
    import narwhals as nw

_EXTRA = "tables"
_OF_FRAMES = ("columns", "column_names", "__dataframe__", "__arrow_c_stream__", "__arrow_c_array__")


def open_frame(frame: Any, source: str = "") -> ColumnReader:
    """Open a data frame as a table.

    The index of a pandas frame is left out. Names of columns become text.

    Args:
        frame: A frame of pandas, polars, pyarrow, modin or another library that narwhals knows, or an object with
            ``__arrow_c_stream__`` or ``__dataframe__``. A lazy frame is computed.
        source: The name of the frame in errors; by default its type.

    Raises:
        DataError: For other objects, and for two columns of the same name.
        MissingExtra: If narwhals is not installed.

    >>> import pandas as pd
    >>> reader = open_frame(pd.DataFrame({"soil": ["clay", None, "sand"], "width": [1.5, 2, None]}))
    >>> table = reader.read()
    >>> table.columns[0].words, table.x.tolist()
    (('clay', 'sand'), [[0.0, 1.5], [nan, 2.0], [1.0, nan]])
    """
    source = source or f"a {type(frame).__module__.split('.')[0]} {type(frame).__name__}"
    renamed, notes = name_columns(frame, source)
    with translating(source, "a data frame"):
        eager = adopt(renamed)

    def convert(names: Sequence[str], rows: int) -> Iterator[Mapping[str, Values]]:
        # whole columns, so that their kinds are those of all rows
        return slice_columns(convert_frame(eager, names), len(eager), rows)

    return ColumnReader(
        source,
        eager.columns,
        convert,
        [*notes, *_note_numbers_as_text(eager)],
        head=lambda: convert_frame(eager.head(SAMPLE), eager.columns),
    )


def is_frame(value: Any) -> bool:
    """Return True for a data frame: an object with named columns, or with Arrow data.

    >>> import pandas as pd
    >>> is_frame(pd.DataFrame()), is_frame(np.zeros(3)), is_frame(pd.Series([1]))
    (True, False, False)
    """
    kind = type(value)  # a property of a lazy frame would be computed
    is_series = hasattr(kind, "dtype") or hasattr(kind, "type")
    return not is_series and any(hasattr(kind, name) for name in _OF_FRAMES)


def adopt(frame: Any) -> nw.DataFrame[Any]:
    """Wrap a frame by narwhals; compute a lazy one, and convert one that only exchanges its data.

    Raises :class:`DataError` for an object that is not a frame.
    """
    with require_extra(_EXTRA, "data frames"):
        import narwhals as nw
    wrapped: Any = nw.from_native(frame, pass_through=True)
    if isinstance(wrapped, nw.LazyFrame):
        wrapped = wrapped.collect()
    if isinstance(wrapped, nw.DataFrame):
        return wrapped
    with require_extra(_EXTRA, "data frames"):
        import pyarrow as pa
        from pyarrow.interchange import from_dataframe
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        return nw.from_native(pa.table(frame), eager_only=True)
    if hasattr(frame, "__dataframe__"):
        return nw.from_native(from_dataframe(frame), eager_only=True)
    raise DataError(expected="a data frame of pandas, polars, pyarrow or another library", value=type(frame).__name__)


def name_columns(frame: Any, source: str = "") -> tuple[Any, list[str]]:
    """Make the names of a pandas frame text; also return a note if it has an index that is left out.

    >>> import pandas as pd
    >>> list(name_columns(pd.DataFrame([[1, 2]]))[0].columns)
    ['0', '1']
    """
    if not all(hasattr(type(frame), name) for name in ("columns", "index", "set_axis")):
        return frame, []
    names = ["" if name is None or name != name else str(name) for name in frame.columns]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(
            expected="different names of columns", value=twice, path=source, remedy="rename one of the columns"
        )
    is_plain = type(frame.index).__name__ == "RangeIndex" and frame.index.name is None
    notes = [] if is_plain else ["the index of the frame is left out; to use it, make it a column by reset_index()"]
    return frame.set_axis(names, axis=1), notes


def convert_series(series: nw.Series[Any]) -> Values:
    """Convert a column to numbers or text. Categories become their text, never their codes.

    >>> import narwhals as nw, pandas as pd
    >>> convert_series(nw.from_native(pd.Series([3, None], dtype="Int64"), series_only=True)).format().tolist()
    ['3', '']
    """
    import narwhals as nw

    dtype = series.dtype
    missing = np.asarray(series.is_null().to_numpy(), np.bool_)
    if dtype.is_nested() or isinstance(dtype, nw.Binary):
        return Values(missing, problem=str(dtype).partition("(")[0].lower() + " values")
    if isinstance(dtype, nw.Boolean) or (
        dtype.is_numeric() and not isinstance(dtype, nw.Decimal | nw.Int128 | nw.UInt128)
    ):
        filled = series.fill_null(False if isinstance(dtype, nw.Boolean) else 0) if missing.any() else series
        numbers = np.asarray(filled.to_numpy())
        if numbers.dtype.kind in "biuf":
            return convert_numbers(numbers, missing)
    if isinstance(dtype, nw.Unknown):  # sparse columns of pandas, columns of nulls, periods
        array = np.asarray(series.to_numpy())
        if array.dtype.kind in "biuf":
            return convert_numbers(array, missing)
    values = convert_objects(series.to_list(), missing)
    if isinstance(dtype, nw.Categorical | nw.Enum) and values.numbers is not None:
        return Values(values.missing, text=values.format())
    return values


def convert_frame(frame: nw.DataFrame[Any], names: Sequence[str]) -> Mapping[str, Values]:
    """Convert the columns of these names."""
    return {name: convert_series(frame[name]) for name in names}


def _note_numbers_as_text(frame: nw.DataFrame[Any]) -> list[str]:
    """Note the columns of text that look like numbers."""
    import narwhals as nw

    head = frame.head(SAMPLE)
    notes = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, nw.String):
            words = [word for word in convert_series(head[name]).format().tolist() if word]
            if words and all(parse_number(word) is not None for word in words):
                notes.append(
                    f'the numbers in column "{name}" are text and are read as words; convert the column if it measures '
                    "something"
                )
    return notes
