"""Scripts for other libraries: the preparation of raw examples and the labels, in NumPy; pairs of files.

A script holds text of the user, such as names of columns, only as the ``repr`` of Python strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from deltarule.core.layer import Shape
from deltarule.data.arrays import to_native
from deltarule.data.encodings import Bits, MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import create_folder, replace_together
from deltarule.models import files
from deltarule.preprocessing import NumberColumn, Preprocessing, Standardization, WordColumn

FIRST_WORDS = '"""A network that deltarule trained'
"""The first words of each script, by which an older export is told from a script of the user."""

WIDTH = 110
"""The width of lines in scripts."""

SCALED = '''\
def prepare(x):
    """Prepare raw examples, in the units of the training set: an array of shape (n, {shape})."""
    x = np.asarray(x, dtype="{dtype}").reshape(-1, {input_shape})
    return {prepared}
'''

NUMBERS = '''\
COLUMNS = {names}


def prepare(table):
    """Prepare a table: a data frame, a dict with a list for each column, or rows in the order of COLUMNS."""
    if not hasattr(table, "keys") and not hasattr(table, "columns"):
        table = dict(zip(COLUMNS, np.asarray(table).reshape(-1, len(COLUMNS)).T))
    x = np.stack([np.asarray(table[name], dtype=float) for name in COLUMNS], axis=1)
{fill}    if not np.isfinite(x).all():
        raise ValueError("expected a number in each column of each row, got missing values or infinity")
    return {prepared}
'''

WORDS = '''\
COLUMNS = {names}
WORDS = {words}
FILL = {fills}  # the words for missing values


def read_word(value):
    """Read a value as text without spaces around it; None if it is missing, as NaN and the NA of pandas are."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else str(int(value) if float(value).is_integer() else value)
    return str(value).strip() or None


def prepare(table):
    """Prepare a table: a data frame, a dict with a list for each column, or rows in the order of COLUMNS."""
    if not hasattr(table, "keys") and not hasattr(table, "columns"):
        table = dict(zip(COLUMNS, np.asarray(table, dtype=object).reshape(-1, len(COLUMNS)).T))
    inputs = []
    for name in COLUMNS:
        values = [(v, read_word(v)) for v in table[name]]
        if name not in WORDS:
            inputs.append([np.nan if word is None else float(v) for v, word in values])
            continue
        words = [FILL.get(name) if word is None else word for _, word in values]
        if unknown := set(words) - {known}:
            raise ValueError(f"column {{name!r}}: expected one of {{WORDS[name]}}, got {{unknown.pop()!r}}")
        inputs += [[float(word == one) for word in words] for one in WORDS[name]]
    x = np.array(inputs).T
{fill}    if not np.isfinite(x).all():
        raise ValueError("expected a number in each column of each row, got missing values or infinity")
    return {prepared}
'''

FILL = "    x = np.where(np.isnan(x), fill, x)\n"

SHARES = '''\
def predict_proba(x):
    """Compute the share of each class for raw examples, shape (n, {n_out})."""
    return outputs(x)
'''

NORMALIZED_SHARES = '''\
def predict_proba(x):
    """Compute the share of each class for raw examples, shape (n, {n_out}): the outputs, scaled to sum to 1."""
    positive = np.clip(outputs(x), 0, None)
    total = positive.sum(axis=1, keepdims=True)
    return np.where(total > 0, positive / np.where(total > 0, total, 1), 1 / {n_out})
'''

PREDICT = '''\
def predict(x):
    """{purpose}"""
    return {code}
'''


def check_path(path: str | PathLike[str]) -> Path:
    """Return the path of a script. Raises :class:`InvalidArgument` unless it ends in ``.py``."""
    script = files.expand_path(path)
    if script.suffix != ".py" or script.is_dir():
        expected = "the path of a script, which ends in .py; the parameters go into a file of the same name"
        remedy = f"give {script.with_suffix('.py').name}" if script.suffix and not script.is_dir() else "add a name.py"
        raise InvalidArgument(argument="path", expected=expected, value=str(path), remedy=remedy)
    return script


def save_pair(script: Path, text: str, tensors: Mapping[str, np.ndarray]) -> tuple[Path, Path]:
    """Write a script, and its tensors beside it, so that there is never a script beside tensors of another export.

    Missing folders are created. Both files are complete before an older pair is touched. Raises :class:`FileError` if
    one cannot be written, if the tensors would replace a model of deltarule, or the script a file of the user.
    """
    from safetensors.numpy import save

    weights = script.with_suffix(".safetensors")
    if script.is_file() and not _is_export(script):
        raise FileError(
            "expected a new path, or that of an exported script, got another file, which it would replace",
            path=script,
            remedy="choose another name, or remove the file",
        )
    if _is_model_file(weights):
        raise FileError(
            "expected a path for exported parameters, got a model file of deltarule, which they would replace",
            path=weights,
            remedy=f"choose another name, such as {script.stem}_exported.py",
        )
    content = save({name: to_native(tensor) for name, tensor in tensors.items()})
    create_folder(script)
    replace_together(script, text.encode(), weights, content)
    return script, weights


def _is_export(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(FIRST_WORDS)) == FIRST_WORDS.encode()
    except OSError:
        return False


def _is_model_file(path: Path) -> bool:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return files.KEY in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def list_input_tensors(fitted: Preprocessing) -> dict[str, np.ndarray]:
    """List the tensors of the standardization, a number for each input, float64; none for scaled inputs."""
    if not isinstance(fitted.inputs, Standardization):
        return {}
    found: dict[str, list[float]] = {"mean": [], "deviation": [], "fill": []}
    for column in fitted.inputs.columns:
        is_number = isinstance(column, NumberColumn)
        fill = column.fill if isinstance(column, NumberColumn) and column.fill is not None else np.nan
        found["mean"] += [column.mean] if isinstance(column, NumberColumn) else [0.0] * column.inputs
        found["deviation"] += [column.deviation] if isinstance(column, NumberColumn) else [1.0] * column.inputs
        found["fill"] += [fill] if is_number else [0.0] * column.inputs
    if not _has_fills(fitted.inputs):
        del found["fill"]
    return {f"inputs.{name}": np.array(values) for name, values in found.items()}


def write_input_tensors(fitted: Preprocessing, convert: str) -> str:
    """Write the line that takes the tensors of the standardization out of ``tensors``; empty for scaled inputs."""
    names = list(list_input_tensors(fitted))
    if not names:
        return ""
    variables = ", ".join(name.removeprefix("inputs.") for name in names)
    values = ", ".join(f'tensors.pop("{name}"){convert}' for name in names)
    return f"{variables} = {values}\n"


def write_prepare(fitted: Preprocessing, input_shape: Shape, dtype: str, layout: str = "{}") -> str:
    """Write the function ``prepare``, which brings raw examples to the form that the network takes.

    ``layout`` is the code that changes the layout of prepared examples, in place of ``{}``, whose channels are last.

    >>> from deltarule.preprocessing import Scaling
    >>> fitted = Preprocessing(OneHot(2), Scaling(255.0, mean=0.5), example_shape=(28, 28))
    >>> print(write_prepare(fitted, (784,), "float32").splitlines()[-1])
        return x / 255.0 - 0.5
    """
    places = {"dtype": dtype, "input_shape": ", ".join(map(str, input_shape))}
    inputs = fitted.inputs
    if not isinstance(inputs, Standardization):
        scaled = f" / {float(inputs.scale)!r}" * (inputs.scale != 1) + f" - {float(inputs.mean)!r}" * (inputs.mean != 0)
        shape = fitted.example_shape or input_shape
        return SCALED.format(**places, shape=", ".join(map(str, shape)), prepared=layout.format(f"x{scaled}"))
    columns = inputs.columns
    standardized = '((x - mean) / deviation).astype("{dtype}").reshape(-1, {input_shape})'.format(**places)
    places["prepared"] = layout.format(standardized)
    places |= {"names": format_tuple(column.name for column in columns), "fill": FILL * _has_fills(inputs)}
    texts = [column for column in columns if isinstance(column, WordColumn)]
    if not texts:
        return NUMBERS.format(**places)
    words = [f"    {column.name!r}: {format_tuple(column.words, '    ')}," for column in texts]
    fills = {column.name: column.fill for column in texts if column.fill is not None}
    known = "{*WORDS[name]}" if inputs.unknown == "refuse" else "{word for word in words if word is not None}"
    return WORDS.format(**places, words="\n".join(["{", *words, "}"]), fills=repr(fills), known=known)


def write_predict(fitted: Preprocessing, is_softmax: bool) -> str:
    """Write the function ``predict``, which returns labels, and for classes ``predict_proba``.

    Raises :class:`InvalidArgument` for an encoding of one's own.

    >>> print(write_predict(Preprocessing(OneHot(2), classes=("cat", "dog")), is_softmax=True).splitlines()[-1])
        return [CLASSES[i] for i in outputs(x).argmax(axis=1)]
    """
    encoding, n = fitted.encoding, fitted.encoding.n_out
    if isinstance(encoding, OneHot):
        shares = (SHARES if is_softmax else NORMALIZED_SHARES).format(n_out=n) + "\n\n" if n > 1 else ""
        if len(fitted.classes) < n:
            return shares + PREDICT.format(
                purpose="Predict the number of the class of each raw example.", code="outputs(x).argmax(axis=1)"
            )
        code = "[CLASSES[i] for i in outputs(x).argmax(axis=1)]"
        names = f"CLASSES = {format_tuple(fitted.classes)}\n\n\n"
        return names + shares + PREDICT.format(purpose="Predict the class of each raw example, by its name.", code=code)
    purpose, code = _describe_labels(fitted)
    return PREDICT.format(purpose=purpose, code=code)


def _describe_labels(fitted: Preprocessing) -> tuple[str, str]:
    """Describe labels that are not one class of several, and the code that computes them from the outputs."""
    encoding, n = fitted.encoding, fitted.encoding.n_out
    if isinstance(encoding, Bits):
        code = f"(outputs(x) > 0.5) @ (1 << np.arange({n}))"
        return "Predict the label of each raw example, whose bits the outputs are.", code
    if isinstance(encoding, OneVsRest):
        return f"Predict 1 for raw examples of the class {encoding.label}, 0 for others.", (
            "(outputs(x)[:, 0] > 0.5).astype(int)"
        )
    if isinstance(encoding, MultiLabel):
        return f"Predict 1 or 0 for each of {n} labels of each raw example.", "(outputs(x) > 0.5).astype(int)"
    if isinstance(encoding, Real):
        return "Predict the number of each raw example.", "outputs(x)[:, 0]"
    if isinstance(encoding, Standardized):
        mean, deviation = (f"np.array({[float(v) for v in vs]})" for vs in (encoding.mean, encoding.deviation))
        code = f"(outputs(x).astype(float) * {deviation} + {mean})" + ("[:, 0]" if n == 1 else "")
        return f"Predict the {'number' if n == 1 else 'numbers'} of each raw example.", code
    raise InvalidArgument(
        argument="encoding",
        owner="Preprocessing",
        expected="a built-in encoding such as OneHot(10)",
        value=encoding,
        remedy="give the model a built-in encoding of its outputs, by dataclasses.replace(model, preprocessing=...)",
    )


def join_classes(texts: Sequence[str]) -> str:
    """Join the definitions of classes of a script, with empty lines around them; empty for none."""
    return "\n" + "\n\n".join(texts) + "\n\n" if texts else ""


def format_tuple(items: Iterable[Any], indent: str = "") -> str:
    """Format a tuple as code, in lines of at most :data:`WIDTH` characters where that is possible.

    >>> format_tuple(["oak", 'a"b'])
    '(\\'oak\\', \\'a"b\\')'
    >>> format_tuple(["oak"])
    "('oak',)"
    """
    texts = [f"{item!r}," for item in items]
    line = f"({' '.join(texts)})" if len(texts) == 1 else f"({' '.join(texts).removesuffix(',')})"
    if len(line) <= WIDTH:
        return line
    lines = [f"{indent}   "]
    for text in texts:
        if len(lines[-1]) + len(text) >= WIDTH:
            lines.append(f"{indent}   ")
        lines[-1] += f" {text}"
    return "\n".join(["(", *lines, f"{indent})"])


def _has_fills(inputs: Standardization) -> bool:
    return any(isinstance(column, NumberColumn) and column.fill is not None for column in inputs.columns)
