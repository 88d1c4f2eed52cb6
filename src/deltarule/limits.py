"""The limits of what is read: each is checked before memory is taken, and can be raised.

A file may come from anywhere, so that its size, and the sizes that it states, are checked first. The values suit a
computer with 4 GB of memory. Where a file of yours needs more, raise a limit before you read it: in Python set its
name here, for a command set the environment variable ``DELTARULE_LIMITS``.

>>> from deltarule import limits
>>> limits.RECIPE_BYTES = 200_000

.. code-block:: sh

   DELTARULE_LIMITS="PICTURE_PIXELS=200_000_000, TABLE_BYTES=8_000_000_000" deltarule train --data large.csv
"""

from __future__ import annotations

import os

from deltarule.errors import InvalidArgument

VARIABLE = "DELTARULE_LIMITS"

IDX_BYTES = 2**30
"""The most bytes of the values in an IDX file: 1 GiB, twenty times MNIST."""

ARRAY_BYTES = 2**31
"""The most bytes of an array in an .npy, .npz, .mat or HDF5 file, and of the columns of a table."""

HDF5_ARRAYS = 1_000
"""The most arrays in an HDF5 file."""

PICKLE_BYTES = 2**30
"""The most bytes of an array in a pickle such as mnist.pkl.gz; a file of text has four times as many."""

PICKLE_OPERATIONS = 1_000_000
"""The most operations of a pickle beside those for its arrays."""

TABLE_BYTES = 2**31
"""The most bytes of the numbers of a table of text."""

TABLE_COLUMNS = 100_000
"""The most columns of a table: each is read, described and judged by itself, in a tenth of a millisecond."""

LINE_BYTES = 2**25
"""The most bytes of a line of a table."""

QUOTED_CHARACTERS = 2**20
"""The most characters of the lines of one row of a table, where a quotation continues on further lines."""

COLUMN_WORDS = 10_000
"""The most different words in a column of a table: each becomes an input."""

CLASSES = 10_000
"""The most classes of a target: each becomes an output."""

LIBSVM_FEATURES = 100_000
"""The highest feature of a LIBSVM file: the table has a column for each."""

EXCEL_BYTES = 2**30
"""The most bytes of the unpacked parts of an Excel file."""

EXCEL_CELLS = 2**24
"""The most cells of a sheet of an Excel file."""

ARCHIVE_MEMBERS = 200_000
"""The most files in a zip archive of pictures."""

ARCHIVE_BYTES = 2**31
"""The most bytes of the files in a zip archive of pictures, as it states them."""

PICTURE_PIXELS = 2**30 // 12
"""The most pixels of a picture: 89 million, of which one in colour takes a third of a gigabyte when it is decoded."""

PICTURES_BYTES = 2**30
"""The most bytes of all pictures of a folder, after they are resized."""

ROW_PIECES = 20_000
"""The most pieces of a row of digits that are tried as one digit; a row of 60 digits has 10,000."""

ROW_COLUMNS = 2**23
"""The most columns of pixels of all pieces of a row of digits; those higher than a digit count more."""

RECIPE_BYTES = 100_000
"""The most bytes of a network file."""

RECIPE_DEPTH = 64
"""The deepest nesting of values and keys in a network file."""

INPUTS = 10_000_000
"""The most numbers of one input of a network, also between the nodes of an ONNX file."""

WEIGHTS = 2**28
"""The most weights of a network from a recipe or a network file: 1 GiB in float32."""

PATCH_NUMBERS = 50_000_000
"""The most numbers of the patches of one image: 200 MB; a convolution of 5 × 5 on 400 × 400 colours has 12 million."""

SEQUENCE_NUMBERS = 50_000_000
"""The most weighted inputs of a recurrent layer over all steps of a sequence: 200 MB; an LSTM(128) reads 97,000
steps."""

NETWORK2_BYTES = 2**30
"""The most bytes of a file that the book's network2 saved."""

ONNX_BYTES = 2**31
"""The most bytes of an ONNX file that is read; an ONNX file cannot have more."""

ONNX_NODES = 5_000
"""The most nodes of an ONNX file that is read."""

RESULT_BYTES = 2**28
"""The most bytes of a JSON file with the results of an experiment."""


def describe_remedy(name: str, other: str = "") -> str:
    """Describe how to raise a limit, after another remedy, for an error.

    >>> describe_remedy("CLASSES"), describe_remedy("WEIGHTS", "use fewer neurons")
    ('raise the limit: DELTARULE_LIMITS=CLASSES=…', 'use fewer neurons, or raise the limit: DELTARULE_LIMITS=WEIGHTS=…')
    """
    raising = f"raise the limit: {VARIABLE}={name}=…"
    return f"{other}, or {raising}" if other else raising


def read_variable(text: str) -> dict[str, int]:
    """Read limits as the environment variable states them, by their names.

    Raises :class:`~deltarule.errors.InvalidArgument` for an unknown name, and a value that is no whole number above 0.

    >>> read_variable("ONNX_NODES=9_000, CLASSES=20000")
    {'ONNX_NODES': 9000, 'CLASSES': 20000}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (side.strip() for side in part.partition("="))
        if name not in NAMES:
            expected = f"the name of a limit, such as {', '.join(NAMES[:3])}"
            raise InvalidArgument(argument=VARIABLE, expected=expected, value=name, remedy="see docs/reliability.md")
        digits = value.replace("_", "")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18 and int(digits)):
            raise InvalidArgument(argument=f"{VARIABLE}, {name}", expected="a whole number above 0", value=value)
        found[name] = int(digits)
    return found


NAMES = tuple(name for name, value in list(globals().items()) if name.isupper() and isinstance(value, int))
"""The names of all limits."""

globals().update(read_variable(os.environ.get(VARIABLE, "")))
