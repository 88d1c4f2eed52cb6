"""Operators that are no layers: scales and shifts, changes of shape, constants, and formulas that are written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from deltarule.core.activations import Sigmoid
from deltarule.core.layer import Shape
from deltarule.core.pooling import L2Pool
from deltarule.exchange.onnx_chain import flatten, merge_back, prepare
from deltarule.exchange.onnx_operators import Operator, build_pool, find_array, find_chain, find_images, read_window
from deltarule.exchange.onnx_reading import Node
from deltarule.exchange.onnx_values import Chain, Constant, Head, Steps, Value

REAL = (1, 10, 11, 16)
"""The numbers of the types float32, float16, float64 and bfloat16."""

TYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "float32",
}  # fmt: skip
"""The types of numbers to which constants are converted, by their numbers; bfloat16 becomes float32."""

SMALL = 64
"""The most numbers of a constant that is computed from other constants, such as a shape, or grows in a conversion."""


def read_affine(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a sum, difference, product or quotient with a constant as a scale and shift."""
    is_first = isinstance(values[0], Constant)
    chain = find_chain(node, values, int(is_first))
    constant = find_array(node, values, 1 - int(is_first))
    number = _fit(node, chain, constant.astype(np.float64))
    affine = chain.affine
    if node.operator == "Add":
        changed = affine.shift(number)
    elif node.operator == "Mul":
        changed = affine.scale(number)
    elif node.operator == "Sub":
        changed = affine.scale(np.array(-1.0)).shift(number) if is_first else affine.shift(-number)
    elif is_first or not (number != 0).all():
        raise node.refuse("a division by numbers other than 0", "the output of a layer" if is_first else "0")
    else:
        changed = affine.divide(number)
    sizes = [part.size for one in (affine, changed) for part in (one.mul, one.div, one.add)]
    if max(sizes[3:]) > max(*sizes[:3], number.size):
        raise node.refuse("a scale and shift of each feature, or of each number", f"a product of {constant.shape}")
    return replace(chain, affine=changed)


def _fit(node: Node, chain: Chain, constant: np.ndarray) -> np.ndarray:
    """Return a constant with the axes of an example. Raises :class:`FileError` for one that does not fit it."""
    whole = len(chain.dims) + 1
    if constant.size == 1 and constant.ndim <= whole:
        return constant.reshape(())
    shape = constant.shape[1:] if constant.ndim == whole and constant.shape[0] == 1 else constant.shape
    padded = (1,) * (len(chain.dims) - len(shape)) + shape
    if len(padded) != len(chain.dims) or any(m not in (1, n) for m, n in zip(padded, chain.dims, strict=True)):
        raise node.refuse(f"a constant that fits examples of shape {chain.dims}", constant.shape)
    return constant.reshape(padded)


def read_scaler(node: Node, values: Sequence[Value | None]) -> Value:
    """Read (x − offset) · scale, the standardization of skl2onnx."""
    chain = find_chain(node, values)
    offset, scale = (np.array(node.attributes.get(*one), np.float64) for one in (("offset", 0.0), ("scale", 1.0)))
    if not (scale != 0).all():
        raise node.refuse("scales other than 0", "0")
    offset, scale = _fit(node, chain, offset), _fit(node, chain, scale)
    return replace(chain, affine=chain.affine.shift(-offset).divide(1 / scale))


def read_same(node: Node, values: Sequence[Value | None]) -> Value:
    """Read an operator that changes no number: Identity, and Cast to real numbers. Constants may be converted."""
    (value,) = values[:1]
    if value is None:
        raise node.refuse("a value", "nothing")
    if node.operator == "Identity":
        return value
    if isinstance(value, Constant):
        return Constant(_convert(node, find_array(node, values, 0), node.integer("to", 0)))
    if node.integer("to", 0) not in REAL:
        raise node.refuse("real numbers, which are not rounded", f"a conversion to type {node.integer('to', 0)}")
    return replace(value, is_whole=False) if isinstance(value, Chain) else value


def _convert(node: Node, constant: np.ndarray, number: int) -> np.ndarray:
    """Convert a constant to the type of this number. Raises :class:`FileError` for another type, and for changes."""
    if number not in TYPES:
        raise node.refuse("a type of numbers", f"type {number}")
    if constant.size > SMALL and np.dtype(TYPES[number]).itemsize > 2 * constant.itemsize:
        raise node.refuse("numbers of at most twice the size", f"{constant.dtype} as {TYPES[number]}")
    converted = constant.astype(TYPES[number])
    if converted.dtype.kind in "iu" and not (converted == constant).all():
        raise node.refuse("constants that the conversion does not change", f"a conversion to {TYPES[number]}")
    return converted


def read_transpose(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a change of the order of axes."""
    if isinstance(values[0], Constant):
        array = find_array(node, values, 0)
        return Constant(array.transpose(node.integers("perm", range(array.ndim)[::-1])))
    chain = find_chain(node, values)
    perm = node.integers("perm", range(len(chain.dims) + 1)[::-1])
    if sorted(perm) != list(range(len(chain.dims) + 1)) or perm[0] != 0:
        raise node.refuse(f"a permutation of {len(chain.dims) + 1} axes, the first in its place", list(perm))
    axes = tuple(axis - 1 for axis in perm[1:])
    before = chain.axes or tuple(range(len(chain.dims)))
    dims, own = (tuple(one[axis] for axis in axes) for one in (chain.dims, before))
    affine = chain.affine if chain.is_settled else chain.affine.transpose(axes)
    return replace(chain, dims=dims, axes=own, affine=affine)


def read_reshape(node: Node, values: Sequence[Value | None]) -> Value:
    """Read a change of shape: to rows, or of rows to images before the first layer."""
    target = _read_shape(node, values)
    if isinstance(values[0], Constant):
        array = find_array(node, values, 0)
        return Constant(array.reshape(tuple(target)))
    chain = find_chain(node, values)
    if len(target) == 1 and chain.layers and chain.dims == (1,):
        return Head(chain, "values")  # one output of each example, without an axis
    dims = _complete(node, chain, target)
    if dims == chain.dims:
        return chain
    if len(dims) == 1:
        return flatten(merge_back(chain))
    if chain.shape or chain.axes not in ((), tuple(range(len(chain.dims)))):
        raise node.refuse("rows, (n, numbers), after a layer or a transposition", dims)
    affine = chain.affine if chain.is_settled else chain.affine.reshape(chain.dims, dims)
    return replace(chain, dims=dims, axes=(), affine=affine)


def _read_shape(node: Node, values: Sequence[Value | None]) -> list[int]:
    if node.operator == "Reshape":
        found = find_array(node, values, 1)
        if found.size > SMALL:
            raise node.refuse("a shape", f"{found.size} numbers")
        return [int(n) for n in found.reshape(-1)]
    old = values[0]
    dims = list(old.array.shape) if isinstance(old, Constant) else [-1, *find_chain(node, values).dims]
    axes = read_axes(node, values)
    if node.operator == "Squeeze":
        picked = [axis % len(dims) for axis in axes] if axes else [i for i, n in enumerate(dims) if n == 1]
        if any(dims[axis] != 1 for axis in picked):
            raise node.refuse("axes of length 1", dims)
        return [n for i, n in enumerate(dims) if i not in picked]
    for axis in sorted(axis % (len(dims) + len(axes)) for axis in axes):
        dims.insert(axis, 1)
    return dims


def read_axes(node: Node, values: Sequence[Value | None]) -> tuple[int, ...]:
    """Return the axes of a node, an input in newer versions, an attribute in older ones."""
    if len(values) > 1 and values[1] is not None:
        return tuple(int(axis) for axis in find_array(node, values, 1).reshape(-1)[:SMALL])
    return node.integers("axes", ())


def _complete(node: Node, chain: Chain, target: Sequence[int]) -> Shape:
    """Return the shape of an example after a change of shape, whose first axis is the mini-batch."""
    dims = chain.dims
    if not target or target[0] not in (-1, 0, chain.batch or -1):
        numbers = f"-1, 0 or {chain.batch}" if chain.batch else "-1 or 0"
        raise node.refuse(f"a shape that begins with the number of examples, {numbers}", list(target)[:8])
    rest = [dims[i] if n == 0 and i < len(dims) else n for i, n in enumerate(target[1:])]
    if rest.count(-1) > 1 or not rest or any(n < -1 or n == 0 for n in rest):
        raise node.refuse("the shape of a mini-batch, (n, …)", list(target)[:8])
    others = prod(n for n in rest if n != -1)
    whole = tuple(prod(dims) // others if n == -1 else n for n in rest)
    if prod(whole) != prod(dims):
        raise node.refuse(f"{prod(dims)} numbers in each example", list(target)[:8])
    return whole


def read_shape(node: Node, values: Sequence[Value | None]) -> Value:
    """Read the shape of a tensor, as far as it is known: −1 for the number of examples."""
    value = values[0]
    dims = [-1, *value.dims] if isinstance(value, Chain) else list(find_array(node, values, 0).shape)
    end = node.integer("end", len(dims))
    return Constant(np.array(dims[node.integer("start", 0) : end], np.int64))


def read_small(node: Node, values: Sequence[Value | None]) -> Value:
    """Compute with constants such as shapes: Gather, Concat, Slice."""
    arrays = [find_array(node, values, i) for i in range(len(values))]
    if sum(array.size for array in arrays) > SMALL or any(array.ndim > 1 for array in arrays):
        raise node.refuse(f"constants of at most {SMALL} numbers", [array.shape for array in arrays])
    if node.operator == "Concat":
        return Constant(np.concatenate([np.atleast_1d(array) for array in arrays]))
    if node.operator == "Gather":
        return Constant(arrays[0][arrays[1].astype(np.int64)])
    start, end = (int(array.reshape(-1)[0]) for array in arrays[1:3])
    if len(arrays) > 3 and (arrays[3:][0].any() or any((array != 1).any() for array in arrays[4:])):
        raise node.refuse("a slice of axis 0 in steps of 1", "another")
    return Constant(arrays[0][start:end])


def begin_steps(node: Node, values: Sequence[Value | None]) -> Value:
    """Read an operator that begins a formula, such as Neg and Exp of a sigmoid."""
    if node.operator not in ("Neg", "Pow"):
        raise node.refuse("it inside the formula of a sigmoid or of L2 pooling", "it alone, which is no layer here")
    started = prepare(find_chain(node, values))
    return continue_steps(node, [Steps(started, ()), *values[1:]])


def continue_steps(node: Node, values: Sequence[Value | None]) -> Value:
    """Return a formula with one step more, or the layer that it is if it is complete."""
    steps = [value for value in values if isinstance(value, Steps)]
    first = steps[0]
    chain = first.chain
    constants = [value.array for value in values if isinstance(value, Constant)]
    numbers = [float(one.item()) for one in constants if one.size == 1 and one.ndim <= len(chain.dims) + 1]
    if len(steps) == 2:  # the product of the sign and the absolute value of sums of squares
        sign, whole = sorted(steps, key=lambda one: -len(one.steps))
        is_own = sign.chain is whole.chain and sign.steps == (*whole.steps, ("Sign",))
        if node.operator == "Mul" and is_own and whole.steps[:1] == (("Pow", 2.0),):
            return whole
        raise node.refuse("the formula of a layer", "another product")
    if node.operator in ("Abs", "Relu", "Sign") and first.steps[:1] == (("Pow", 2.0),):
        return first if node.operator != "Sign" else Steps(chain, (*first.steps, ("Sign",)))
    if isinstance(values[0], Constant) != (node.operator == "Div") and node.operator in ("Div", "Pow"):
        raise node.refuse("the formula of a sigmoid or of L2 pooling", "its inputs in another order")
    window = read_window(node, (), 1) if node.operator == "AveragePool" else ()
    found = (*first.steps, (node.operator, *numbers, *([window] if window else [])))
    names = tuple(step[0] for step in found)
    if names in SIGMOIDS and found[2] == ("Add", 1.0) and (names[-1] == "Reciprocal" or found[3] == ("Div", 1.0)):
        return chain.append(Sigmoid())
    if names == ("Pow", "AveragePool", "Mul", "Pow") and found[0][1] == 2.0 and found[3][1] == 0.5:
        (size, stride), scale = found[1][1], found[2][1]
        if scale != prod(size):
            raise node.refuse(f"the sum over {prod(size)} numbers", scale)
        return find_images(node, chain).append(build_pool(L2Pool, size, stride))
    if not any(names == whole[: len(names)] for whole in FORMULAS):
        raise node.refuse("the formula of a sigmoid or of L2 pooling", " then ".join(names))
    return Steps(chain, found)


SIGMOIDS = {("Neg", "Exp", "Add", "Reciprocal"), ("Neg", "Exp", "Add", "Div")}
FORMULAS = (*SIGMOIDS, ("Pow", "AveragePool", "Mul", "Pow"))
"""Layers that are written out as several operators."""

OPERATORS: dict[tuple[str, str], Operator] = {
    **{("", name): read_affine for name in ("Add", "Sub", "Mul", "Div")},
    **{("", name): read_same for name in ("Identity", "Cast")},
    **{("", name): read_reshape for name in ("Reshape", "Squeeze", "Unsqueeze")},
    **{("", name): begin_steps for name in ("Neg", "Exp", "Reciprocal", "Pow", "AveragePool", "Sign", "Abs")},
    ("", "Transpose"): read_transpose,
    ("", "Shape"): read_shape,
    ("", "Slice"): read_small,
    ("ai.onnx.ml", "Scaler"): read_scaler,
}
"""The function for each of these operators, by its domain and name."""
