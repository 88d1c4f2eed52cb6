"""Hints for errors in readers' scripts: habits of Python 2, and arguments and names of the book's other programs."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from deltarule.book import python2
from deltarule.book.theano_names import MODULE
from deltarule.book.theano_stand_in import MISSING, describe_missing

_MOMENTUM = "write deltarule.fit(..., optimizer=deltarule.Momentum(0.9)) for a momentum μ of 0.9"

ARGUMENTS: Mapping[str, str] = {
    "es": "network3 has es, and network2 early_stopping_n",
    "early_stopping_n": "network2 has early_stopping_n, and network3 es",
    **dict.fromkeys(("mu", "momentum", "momentum_coefficient", "moment"), _MOMENTUM),
    "lmbda": "network2 and network3 have lmbda",
    "evaluation_data": "network has test_data, network2 evaluation_data, and network3 validation_data and test_data",
    "test_data": "network and network3 have test_data, and network2 evaluation_data",
}
"""Arguments of SGD that only some of the book's programs have."""

_ARGUMENT = re.compile(r"SGD\(\) got an unexpected keyword argument '(\w+)'")
_IMPORT = re.compile(r"cannot import name '(\w+)'")
_FLOAT = ("'float' object cannot be interpreted as an integer", "indices must be integers")


def suggest(error: BaseException) -> str | None:
    """Suggest a replacement for a habit of Python 2 or of another program; return None for other errors.

    >>> suggest(TypeError("Network.SGD() got an unexpected keyword argument 'es'"))
    'es is no argument of this SGD: network3 has es, and network2 early_stopping_n'
    """
    text = str(error)
    match error:
        case TypeError() if (found := _ARGUMENT.search(text)) and found[1] in ARGUMENTS:
            return f"{found[1]} is no argument of this SGD: {ARGUMENTS[found[1]]}"
        case TypeError() if any(words in text for words in _FLOAT):
            return "/ gives a float in Python 3: write // to divide whole numbers"
        case TypeError() if "is not JSON serializable" in text and "float32" in text:
            return "JSON needs a number of Python: write float(...)"
        case TypeError() if "is not JSON serializable" in text and "ndarray" in text:
            return "JSON needs lists: write array.tolist()"
        case TypeError() if "is not JSON serializable" in text and "int" in text:
            return "JSON needs a number of Python: write int(...)"
        case ImportError(name="deltarule.book.network3") if (found := _IMPORT.search(text)) and found[1] in MODULE:
            return f"{found[1]} is a name of the book's network3 with Theano: {MODULE[found[1]]}"
        case ImportError(name="deltarule.book.network3") if (found := _IMPORT.search(text)) and found[1] in MISSING:
            return "; ".join(describe_missing([found[1]], MISSING[found[1]]))
        case AttributeError(name="eval" | "get_value" as name, obj=np.generic() | np.ndarray()):
            return f"this is a number or an array already: leave .{name}() out"
    return python2.suggest(error)
