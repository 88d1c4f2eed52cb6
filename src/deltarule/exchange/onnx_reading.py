"""Reading an ONNX file: its size, its versions and its operators are checked before its numbers are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Any

from deltarule import limits
from deltarule.errors import FileError, InvalidArgument, require_extra
from deltarule.exchange.onnx_tensors import REMEDY, Folder
from deltarule.models.files import expand_path

with require_extra("onnx", "ONNX files"):
    from onnx import IR_VERSION, ModelProto, defs, helper

OLDEST_IR, OLDEST_OPSET = 3, 7
"""The oldest versions that are read, of 2017: before them, operators had other attributes."""

DOMAINS = {"": "", "ai.onnx": "", "ai.onnx.ml": "ai.onnx.ml"}


@dataclass(frozen=True)
class Source:
    """A model of a file: its graph, the version of its operators, and the folder of further data."""

    model: Any
    opset: int
    folder: Folder
    path: Path | None = None


def read_source(source: Any) -> Source:
    """Read a model from a file, or take one that is in memory.

    Raises :class:`FileError` for a file that is missing, too large or no ONNX model, and for versions that are not
    known; :class:`InvalidArgument` for another argument.
    """
    if isinstance(source, ModelProto):
        path, model = None, source
    elif isinstance(source, (str, PathLike)):
        path = expand_path(source)
        model = _parse(path)
    else:
        expected = "the path of an ONNX file, or an onnx.ModelProto"
        raise InvalidArgument(argument="path", expected=expected, value=source)
    try:
        return Source(model, _check_versions(model), Folder(None if path is None else path.parent), path)
    except FileError as error:
        raise error.with_fields(path=path) from None


def _parse(path: Path) -> Any:
    if not path.is_file():
        raise FileError(f"expected an ONNX file, got {'a folder' if path.is_dir() else 'no file'}", path=path)
    try:
        if (size := path.stat().st_size) > limits.ONNX_BYTES:
            expected = f"an ONNX file of at most {limits.ONNX_BYTES:,} bytes"
            raise FileError(
                f"expected {expected}, got {size:,}",
                path=path,
                expected=expected,
                remedy=limits.describe_remedy("ONNX_BYTES"),
            )
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"the file could not be read: {error.strerror or error}", path=path) from None
    try:
        model = ModelProto()
        model.ParseFromString(content)
    except Exception:  # the errors of Protocol Buffers have no common public class
        problem = "expected an ONNX file, got a damaged file or one of another kind"
        raise FileError(problem, path=path, remedy=REMEDY) from None
    return model


def _check_versions(model: Any) -> int:
    """Return the version of the standard operators. Raises :class:`FileError` for versions that are not known."""
    if not model.HasField("graph") or not model.graph.node:
        problem = "expected an ONNX file with a graph, got a damaged file or one of another kind"
        raise FileError(problem, remedy=REMEDY)
    if not OLDEST_IR <= model.ir_version <= IR_VERSION:
        expected = f"an IR version from {OLDEST_IR} to {IR_VERSION}"
        remedy = "install a newer onnx" if model.ir_version > IR_VERSION else "export the model again"
        raise FileError(argument="ir_version", expected=expected, value=model.ir_version, remedy=remedy)
    versions = {DOMAINS.get(one.domain, one.domain): one.version for one in model.opset_import}
    newest, found = defs.onnx_opset_version(), versions.get("")
    if found is None or not OLDEST_OPSET <= found <= newest:
        expected = f"an opset version from {OLDEST_OPSET} to {newest}"
        remedy = "install a newer onnx, or export with an older opset" if (found or 0) > newest else ""
        raise FileError(argument="opset_import", expected=expected, value=found, remedy=remedy)
    if len(model.graph.node) > limits.ONNX_NODES:
        expected = f"a graph of at most {limits.ONNX_NODES:,} nodes"
        raise FileError(
            f"expected {expected}, got {len(model.graph.node):,}",
            expected=expected,
            remedy=limits.describe_remedy("ONNX_NODES"),
        )
    return int(found)


def check_operators(model: Any, known: Iterable[tuple[str, str]]) -> None:
    """Raise :class:`FileError` for operators that are not known; it names all, and the most similar known ones."""
    known = set(known)
    unknown = {
        (DOMAINS.get(node.domain, node.domain), node.op_type)
        for node in model.graph.node
        if (DOMAINS.get(node.domain, node.domain), node.op_type) not in known
    }
    if not unknown:
        return
    names = {name.lower(): name for _, name in sorted(known)}
    shown = sorted(f"{domain}.{name}"[:80] if domain else f"{name}"[:80] for domain, name in unknown)
    searched = [f"{name}"[:80].lower() for _, name in unknown]
    like = {names[one] for name in searched for one in get_close_matches(name, names, n=3, cutoff=0.6)}
    nearest = f"the most similar known ones are {', '.join(sorted(like))}" if like else ""
    others = f"known are {', '.join(sorted(names.values()))}"
    raise FileError(
        f"expected operators of a chain of layers, got {', '.join(shown[:10])}{', …' if len(shown) > 10 else ''}",
        value=shown[0],
        expected="known operators",
        remedy=nearest or others,
    )


@dataclass(frozen=True)
class Node:
    """A node of a graph: its operator, its attributes by name, and its place for errors."""

    operator: str
    attributes: Mapping[str, Any]
    position: str
    opset: int
    outputs: tuple[str, ...] = ()

    def integer(self, name: str, default: int) -> int:
        """Return a whole number."""
        return int(self._get(name, default, int))

    def number(self, name: str, default: float) -> float:
        """Return a number."""
        return float(self._get(name, default, (int, float)))

    def integers(self, name: str, default: Iterable[int]) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        found = self._get(name, tuple(default), (list, tuple))
        return tuple(map(int, found))

    def refuse(self, expected: str, got: object) -> FileError:
        """Build the error about this node."""
        return FileError(f"{self.operator}: expected {expected}, got {got}"[:400], position=self.position)

    def _get(self, name: str, default: Any, kinds: Any) -> Any:
        found = self.attributes.get(name, default)
        if not isinstance(found, kinds):
            raise self.refuse(f"an attribute {name} like {default}", repr(found)[:80])
        return found


def read_node(node: Any, i: int, opset: int) -> Node:
    """Read a node's attributes. Raises :class:`FileError` for one that cannot be read."""
    position = f"node {i} ({node.name[:60] or node.op_type[:60]})"
    try:
        attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    except (ValueError, TypeError):
        raise FileError("expected attributes with values", position=position, remedy=REMEDY) from None
    return Node(node.op_type, attributes, position, opset, tuple(node.output))
