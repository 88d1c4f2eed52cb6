"""Scales and shifts, and the order of rows, worked into the layers of a chain that is read from an ONNX file."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from deltarule import limits
from deltarule.core.activations import ShiftedSigmoid, Sigmoid
from deltarule.core.convolution import Conv
from deltarule.core.layer import Params, Shape
from deltarule.core.layers import Dense, Flatten
from deltarule.core.normalization import BatchNorm
from deltarule.errors import ShapeError
from deltarule.exchange.onnx_values import CHANNELS_FIRST, IDENTITY, Chain
from deltarule.preprocessing import NumberColumn, WordColumn


def begin_images(chain: Chain) -> Chain:
    """Begin the network with images, which the tensor holds as (channels, rows, columns)."""
    if chain.shape:
        return chain
    if len(chain.dims) != 3:
        raise ShapeError(expected="images with channels", value=chain.dims)
    if chain.axes not in ((), (0, 1, 2), CHANNELS_FIRST):
        expected = "inputs (channels, rows, columns) or (rows, columns, channels)"
        raise ShapeError(f"expected {expected}, got axes in another order", expected=expected, value=chain.axes)
    channels, rows, columns = chain.dims
    return _keep_scaling(chain.begin((rows, columns, channels), CHANNELS_FIRST))


def begin_rows(chain: Chain) -> Chain:
    """Begin the network with rows of numbers."""
    if chain.shape:
        return chain
    if len(chain.dims) != 1:
        raise ShapeError(expected="rows of numbers, (n, numbers)", value=chain.dims)
    return _keep_columns(_keep_scaling(chain.begin(chain.dims)))


def prepare(chain: Chain) -> Chain:
    """Prepare for a layer that computes number by number, which may stand before the kind of the examples is known."""
    if chain.shape:
        return settle(chain)
    chain = _keep_scaling(merge_back(chain))
    chain = _keep_columns(chain) if len(chain.dims) == 1 else chain
    if not chain.is_settled:
        raise ShapeError(expected="a layer with weights beside a scale and shift", value=chain.dims)
    return chain


def _keep_scaling(chain: Chain) -> Chain:
    """Keep a scale and shift of all inputs alike as the preprocessing."""
    affine = chain.affine
    if chain.is_settled or chain.layers or chain.columns or not (affine.is_scalar and affine.is_increasing):
        return chain
    scale, mean = float((affine.div / affine.mul).item()), 0.0 - float(affine.add.item())
    whole = round(scale)
    if whole and np.float32(1 / whole) == np.float32(affine.factor.item()):  # 255, of which a file has the reciprocal
        scale = float(whole)
    return replace(chain, scaling=(scale, mean), affine=IDENTITY)


def _keep_columns(chain: Chain) -> Chain:
    """Keep scales and shifts of single inputs as those of the columns of a table, if no other layer may take them."""
    affine = chain.affine
    has_words = any(isinstance(column, WordColumn) for column in chain.columns)
    is_kept = affine.is_increasing and not (chain.layers or has_words or chain.order is not None)
    if chain.is_settled or not is_kept:
        return chain
    return replace(chain, columns=keep_columns(chain), affine=IDENTITY)


def name_columns(name: str, width: int) -> tuple[NumberColumn, ...]:
    """Return the columns of rows of numbers, numbered. Raises :class:`ShapeError` for more than a table has.

    >>> [column.name for column in name_columns("x", 2)]
    ['x 0', 'x 1']
    """
    if width > limits.TABLE_COLUMNS:
        expected = f"a table of at most {limits.TABLE_COLUMNS:,} columns"
        raise ShapeError(expected=expected, value=width, remedy=limits.describe_remedy("TABLE_COLUMNS"))
    return tuple(NumberColumn(name if width == 1 else f"{name} {i}") for i in range(width))


def keep_columns(chain: Chain) -> tuple[NumberColumn | WordColumn, ...]:
    """Return the columns of a table with the scales and shifts of the chain. Raises :class:`ShapeError` for words."""
    columns, affine = chain.columns or name_columns("x", prod(chain.dims)), chain.affine
    if chain.is_settled:
        return columns
    numbers = [column for column in columns if isinstance(column, NumberColumn)]
    if len(numbers) < len(columns):
        raise ShapeError("expected scales and shifts of numbers only, got some of words", value=chain.dims)
    deviations = np.broadcast_to(affine.div / affine.mul, (len(numbers),)).tolist()
    means = np.broadcast_to(-affine.add * affine.div / affine.mul, (len(numbers),)).tolist()
    fitted = zip(numbers, means, deviations, strict=True)
    return tuple(NumberColumn(column.name, mean, deviation, column.fill) for column, mean, deviation in fitted)


def settle(chain: Chain) -> Chain:
    """Work a scale and shift into the layer before it; into a normalization where that layer is not linear."""
    chain = merge_back(chain)
    if chain.is_settled:
        return chain
    scale, shift = find_features(chain)
    epsilon = BatchNorm().epsilon
    ones = np.ones(len(scale))
    dtype = next((leaf.dtype for _, own in reversed(chain.layers) for leaf in own.values()), np.dtype(np.float32))
    whole = {"scale": scale, "shift": shift, "mean": 0 * ones, "variance": ones - epsilon}
    params = {name: values.astype(dtype) for name, values in whole.items()}
    return replace(chain, affine=IDENTITY).append(BatchNorm(), params)


def merge_back(chain: Chain) -> Chain:
    """Work a scale and shift into the layer before it, if that is linear or a sigmoid."""
    if chain.is_settled or not chain.layers:
        return chain
    layer, params = chain.layers[-1]
    affine = chain.affine
    if isinstance(layer, Sigmoid) and affine.is_scalar:
        return chain.replace_last(ShiftedSigmoid(float(affine.factor.item()), float(affine.add.item())), {})
    if not isinstance(layer, (Dense, Conv)):
        return chain
    scale, shift = find_features(chain)
    rows = scale.reshape((-1,) + (1,) * (np.ndim(params["w"]) - 1))
    w = params["w"] if (scale == 1).all() else _like(params["w"], params["w"] * rows)
    return chain.replace_last(layer, {"w": w, "b": _like(params["w"], params["b"] * scale + shift)})


def merge_forward(chain: Chain, params: Params) -> tuple[Chain, Params]:
    """Work a scale and shift into the weights of the next layer, whose axes are those of the tensor."""
    if chain.is_settled:
        return chain, params
    w, b = params["w"], params["b"]
    if w.ndim == 2:
        inputs: Shape = (w.shape[1],)
        scale, shift = (np.broadcast_to(part, inputs) for part in (chain.affine.factor, chain.affine.add))
    else:
        features = find_features(chain)
        scale, shift = (part[:, None, None] for part in features)
    moved = (w * shift).sum(axis=tuple(range(1, w.ndim)), dtype=np.float64)
    return replace(chain, affine=IDENTITY), {"w": _like(w, w * scale), "b": _like(w, b + moved)}


def find_features(chain: Chain) -> tuple[np.ndarray, np.ndarray]:
    """Return the scale and the shift of each feature, in deltarule's order; a feature is the last axis.

    Raises :class:`ShapeError` if they differ within a feature.
    """
    axis = 0 if len(chain.dims) == 1 else chain.axes.index(2) if chain.axes else 0
    n = chain.dims[axis]
    found = []
    for part in (chain.affine.factor, chain.affine.add):
        aligned = part.reshape((1,) * (len(chain.dims) - part.ndim) + part.shape)
        if any(side != 1 for i, side in enumerate(aligned.shape) if i != axis):
            raise ShapeError("expected one scale and shift for each feature, got one for each place", value=part.shape)
        feature = np.broadcast_to(aligned.reshape(-1), (n,))
        found.append(put_in_order(chain, feature))
    return found[0], found[1]


def put_in_order(chain: Chain, feature: np.ndarray) -> np.ndarray:
    """Return numbers of the features of a row in deltarule's order, along the last axis."""
    if chain.order is None:
        return feature
    ordered = np.empty_like(feature)
    ordered[..., chain.order] = feature
    return ordered


def flatten(chain: Chain) -> Chain:
    """Flatten examples to rows; rows of the graph may have another order than deltarule's."""
    if len(chain.dims) == 1:
        return chain
    affine = chain.affine if chain.is_settled else chain.affine.reshape(chain.dims, (prod(chain.dims),))
    if not chain.shape:
        return replace(chain, dims=(prod(chain.dims),), axes=(), affine=affine, order=_find_order(chain))
    flat = replace(chain, axes=(), affine=affine).append(Flatten())
    return replace(flat, order=_find_order(chain))


def _find_order(chain: Chain) -> np.ndarray | None:
    """Find the place in deltarule's row of each number of a tensor; None if the tensor is in the same order."""
    if chain.axes in ((), tuple(range(len(chain.dims)))):
        return None
    own = tuple(chain.dims[chain.axes.index(i)] for i in range(len(chain.dims)))
    order = np.arange(prod(own)).reshape(own).transpose(chain.axes).reshape(-1)
    return None if (order == np.arange(len(order))).all() else order


def _like(w: Any, values: np.ndarray) -> np.ndarray:
    """Return values in the type of the weights w."""
    return np.asarray(values, dtype=np.asarray(w).dtype)
