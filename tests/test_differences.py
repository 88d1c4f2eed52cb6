"""Checks of docs/differences.md: what deltarule and other libraries do in each row that is marked "test"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from jax import lax
from PIL import Image
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches
from tests.fields import has
from tests.picture_files import JPEG_2000, write_fits, write_tiff

import deltarule as dr
from deltarule.book import network2
from deltarule.core.activations import sigmoid
from deltarule.data.frames import open_frame
from deltarule.data.grayscale import read_grayscale, read_picture
from deltarule.data.schema import Column, Schema
from deltarule.engines.inputs import convert_inputs
from deltarule.errors import DataError, ShapeError
from deltarule.models.confidence import fit_confidence
from deltarule.preprocessing import Preprocessing, Standardization
from deltarule.preprocessing.tables import read_frame

PAGE = Path(__file__).parent.parent / "docs" / "differences.md"

Check = Callable[[Path], None]
CHECKS: dict[str, Check] = {}
"""The check of each row, by the row's address in the page."""


def row(address: str) -> Callable[[Check], Check]:
    """Register the check of the row with this address."""

    def register(check: Check) -> Check:
        assert address not in CHECKS
        CHECKS[address] = check
        return check

    return register


@pytest.fixture(autouse=True)
def on_cpu() -> Iterator[None]:
    with jax.default_device(jax.devices("cpu")[0]):
        yield


def slope(function: Callable, *x: float) -> list:
    """∂(sum of the function)/∂x by JAX."""
    return jax.jit(jax.grad(lambda x: jnp.sum(function(x))))(np.array(x, np.float32)).tolist()


def pool_slope(pool: dr.Layer, image: list) -> list:
    """∂(sum of the pool)/∂x by deltarule."""
    a, cache = pool.forward({}, np.array(image)[None, :, :, None])
    return pool.backward({}, cache, np.ones_like(a))[0][0, :, :, 0].tolist()


def reduce_max(x: jax.Array) -> jax.Array:
    return lax.reduce_window(x, -jnp.inf, lax.max, (2, 2), (2, 2), "VALID")


@row("max-pool-tie")
def check_tie_in_a_pool(_: Path) -> None:
    assert slope(reduce_max, [5.0, 5.0], [5.0, 1.0]) == [[1, 0], [0, 0]]
    assert pool_slope(dr.MaxPool(2), [[5.0, 5.0], [5.0, 1.0]]) == [[1, 0], [0, 0]]


@row("max-tie")
def check_tie_in_an_array(_: Path) -> None:
    assert slope(jnp.max, 1.0, 5.0, 5.0) == [0, 0.5, 0.5]
    assert pool_slope(dr.MaxPool((1, 3)), [[1.0, 5.0, 5.0]]) == [[0, 1, 0]]


@row("relu-zero")
def check_slope_of_relu(_: Path) -> None:
    assert slope(jax.nn.relu, 0.0) == [0]
    assert slope(lambda z: jnp.maximum(z, 0), 0.0) == [0.5]
    assert dr.ReLU().derivative(np.zeros(1), np.zeros(1)) == [0]


@row("leaky-zero")
def check_slope_of_leaky_relu(_: Path) -> None:
    assert slope(jax.nn.leaky_relu, 0.0, -1.0) == pytest.approx([1, 0.01])
    assert dr.LeakyReLU().derivative(np.array([0.0, -1.0]), None).tolist() == [0.01, 0.01]


@row("abs-zero")
def check_slope_of_absolute_value(_: Path) -> None:
    assert slope(jnp.abs, 0.0) == [1]
    assert dr.L1(1.0).gradient(np.zeros(1), 1) == [0]


@row("l2-pool-zero")
def check_slope_of_l2_pool(_: Path) -> None:
    for norm in (jnp.linalg.norm, lambda x: jnp.sqrt(jnp.sum(x * x))):
        assert np.isnan(slope(norm, 0.0, 0.0)).all()
        assert slope(norm, -3.0, 4.0) == pytest.approx([-0.6, 0.8])
    assert pool_slope(dr.L2Pool((1, 2)), [[0.0, 0.0, -3.0, 4.0]]) == [pytest.approx([0, 0, -0.6, 0.8])]


@row("subnormal")
def check_subnormal_numbers(_: Path) -> None:
    assert float(jax.jit(lambda x: x * np.float32(0.1))(np.float32(1e-38))) == 0
    assert float(np.float32(1e-38) * np.float32(0.1)) == pytest.approx(1e-39, rel=1e-5)
    tiny = np.array([1e-40], np.float32)
    assert safetensors.numpy.load(safetensors.numpy.save({"a": tiny}))["a"] == tiny
    assert float(sigmoid(np.float32([-90]))[0]) == pytest.approx(8.2e-40, rel=0.01)
    assert float(jax.jit(sigmoid)(np.float32([-90]))[0]) == 0


@row("saturated-cost")
def check_cost_of_a_saturated_output(_: Path) -> None:
    assert log_loss([1], np.array([[1.0, 0.0]]), labels=[0, 1]) == pytest.approx(36.04, abs=0.01)
    assert log_loss([1], np.array([[1.0, 0.0]], np.float32), labels=[0, 1]) == pytest.approx(15.94, abs=0.01)
    assert network2.CrossEntropyCost.fn(np.zeros((1, 1)), np.ones((1, 1))) == np.finfo(float).max
    z, y = np.array([[-200.0]]), np.ones((1, 1))
    assert dr.CrossEntropy().value(z, y) == pytest.approx(200)
    assert dr.CrossEntropy().delta(z, y) == pytest.approx(-1)


@row("log-softmax")
def check_logarithm_of_softmax(_: Path) -> None:
    z = np.array([[-1e4, 0.0]], np.float32)
    composed, right = jax.jit(lambda z: (-jnp.log(jax.nn.softmax(z)), -jax.nn.log_softmax(z)))(z)
    assert (float(composed[0, 0]), float(right[0, 0])) == (np.inf, 1e4)
    assert dr.LogLikelihood().value(z, np.array([[1.0, 0.0]])) == 1e4


@row("cost-input")
def check_what_costs_take(_: Path) -> None:
    z = np.array([[4.0, -1.0, -1.0]])
    with pytest.raises(ValueError, match="y_prob"):
        log_loss([0], z, labels=[0, 1, 2])
    assert dr.LogLikelihood().value(z, np.array([[1.0, 0.0, 0.0]])) == pytest.approx(0.013386, rel=1e-4)


@row("cost-mean")
def check_mean_over_outputs(_: Path) -> None:
    a, y = np.full((2, 4), 0.5), np.zeros((2, 4))
    assert mean_squared_error(y, a) == 0.25
    assert dr.Quadratic(dr.Linear()).value(a, y) == 0.25 * 4 / 2


@row("binary-temperature")
def check_temperature_of_two_classes(_: Path) -> None:
    rng = np.random.default_rng(0)
    for classes, factor in ((2, 2), (3, 1)):
        y = np.arange(300) % classes
        x = 1.5 * np.eye(classes)[y] + rng.normal(size=(300, classes))
        model = LogisticRegression(C=100).fit(x[:150], y[:150])
        calibrated = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(x[150:], y[150:])
        theirs = 1 / calibrated.calibrated_classifiers_[0].calibrators[0].beta_
        ours = fit_confidence(model.predict_proba(x[150:]), np.zeros(150), y[150:]).temperature
        assert theirs == pytest.approx(factor * ours, rel=1e-3)


@row("label-range")
def check_label_out_of_range(_: Path) -> None:
    assert jax.nn.one_hot(np.array([3, -1]), 3).tolist() == [[0, 0, 0], [0, 0, 0]]
    for label in (3, -1):
        with pytest.raises(ValueError, match="classes"):
            MLPClassifier().partial_fit(np.eye(2), [0, label], classes=[0, 1, 2])
        with pytest.raises(DataError, check=has(position="label at position 1", value=label)):
            dr.encodings.OneHot(3).encode(np.array([0, label]))


@row("standard-deviation")
def check_standard_deviation(_: Path) -> None:
    column = np.array([[1.0], [3.0]])
    assert StandardScaler().fit(column).scale_.tolist() == column.std(axis=0).tolist() == [1]
    assert pd.Series(column[:, 0]).std() == pytest.approx(2**0.5)
    assert Standardization.fit(column, Schema((Column("a"),))).columns[0].deviation == 1


@row("column-order")
def check_order_of_columns(_: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 3.0], "b": [5.0, 9.0]})
    turned = frame[["b", "a"]]
    other = StandardScaler().fit(frame)
    with pytest.raises(ValueError, match="same order"):
        other.transform(turned)
    assert StandardScaler().fit(frame.to_numpy()).transform(turned.to_numpy()).tolist() == [[3, -3], [7, -2]]
    train = dr.Dataset(frame.to_numpy(), np.array([0, 1]), schema=Schema((Column("a"), Column("b")), ("kind",)))
    fitted = Preprocessing.fit(train)
    assert fitted.transform(read_frame(turned, fitted)).tolist() == [[-1, -1], [1, 1]]
    for wrong, name in ((frame[["a"]], "b"), (frame.assign(c=0.0), "c")):
        with pytest.raises(DataError, check=has(value=name)):
            read_frame(wrong, fitted)


@row("category-codes")
def check_codes_of_categories(_: Path) -> None:
    training, new = pd.DataFrame({"soil": ["clay", "sand"]}), pd.DataFrame({"soil": ["sand"]})
    training, new = training.astype("category"), new.astype("category")
    assert (training["soil"].cat.codes.tolist(), new["soil"].cat.codes.tolist()) == ([0, 1], [0])
    table = open_frame(training).read()
    fitted = Preprocessing.fit(dr.Dataset(table.x, np.array([0, 1]), schema=Schema(table.columns, ("kind",))))
    for frame, words in ((training, [[1, 0], [0, 1]]), (new, [[0, 1]])):
        assert fitted.transform(read_frame(frame, fitted)).tolist() == words


@row("weight-decay")
def check_what_weight_decay_is_divided_by(_: Path) -> None:
    x, y, n, eta, decay = np.zeros((8, 1)), [0, 1] * 4, 8, 0.5, 1.0
    for m in (4, 8):  # the first layer's cost has no gradient where x = 0: its weights are decayed and no more
        program = MLPClassifier(
            2, solver="sgd", momentum=0, alpha=decay, learning_rate_init=eta, batch_size=m, random_state=0
        )
        w = [program.partial_fit(x, y, classes=[0, 1]).coefs_[0].copy() for _ in range(2)]
        np.testing.assert_allclose(w[1], w[0] * (1 - eta * decay / m) ** (n // m))
    network = dr.Network.dense([1, 2])
    (params,) = network.init(0)
    grads = dr.L2(decay).gradient(params["w"], n)
    np.testing.assert_array_equal(grads, decay / n * params["w"])
    assert network.layers[0].weights == ("w",)


@row("example-weights")
def check_weights_of_examples(_: Path) -> None:
    x, y, eta, decay = np.zeros((4, 1)), [0, 1, 0, 1], 0.5, 1.0
    for weights, total in ((None, 4), ([1, 1, 3, 3], 8)):  # where x = 0, the weights of the first layer only decay
        program = MLPClassifier(
            2, solver="sgd", momentum=0, alpha=decay, learning_rate_init=eta, batch_size=4, random_state=0
        )
        w = [program.partial_fit(x, y, weights, classes=[0, 1]).coefs_[0].copy() for _ in range(2)]
        np.testing.assert_allclose(w[1], w[0] * (1 - eta * decay / total))
    biases = []
    for factor in (1, 2):
        program = MLPClassifier(2, solver="sgd", momentum=0, alpha=0, batch_size=4, random_state=0)
        for _ in range(2):
            program.partial_fit(x, y, factor * np.array([1, 1, 3, 3]), classes=[0, 1])
        biases.append(program.intercepts_[0])
    np.testing.assert_allclose(biases[0], biases[1])
    network = dr.Network.dense([1, 2])
    params, desired = network.init(0), np.eye(2)[y]
    once, twice = (network.gradients(params, x, desired, weights=k * np.array([1.0, 1, 3, 3])) for k in (1, 2))
    np.testing.assert_allclose(2 * once[0]["b"], twice[0]["b"])
    assert abs(once[0]["b"]).min() > 0.01


@row("momentum")
def check_momentum_when_eta_changes(_: Path) -> None:
    w = [np.zeros(1)]
    other = SGDOptimizer(w, learning_rate_init=1.0, momentum=0.5, nesterov=False)
    params, state = [{"w": np.zeros(1)}], {"v": [{"w": np.zeros(1)}]}
    for eta, gradient in ((1.0, -1.0), (0.1, 0.0)):
        other.learning_rate = eta
        other.update_params(w, [np.array([gradient])])
        params, state = dr.Momentum(0.5).update([{"w": np.array([gradient])}], state, params, eta)
    assert w[0] == params[0]["w"] == 1.5  # and 1.05 if the velocity had no η in it
    assert MLPClassifier().nesterovs_momentum


@row("adam-epsilon")
def check_place_of_epsilon_in_adam(_: Path) -> None:
    w, gradient = [np.zeros(1)], np.array([1e-8])
    AdamOptimizer(w, learning_rate_init=1.0, epsilon=1e-8).update_params(w, [gradient])
    assert w[0] == pytest.approx(-0.0307, abs=1e-4)
    params = [{"w": np.zeros(1)}]
    (stepped,), _state = dr.Adam().update([{"w": gradient}], dr.Adam().init(params), params, 1.0)
    assert stepped["w"] == pytest.approx(-0.5)


@row("short-batch")
def check_short_last_mini_batch(_: Path) -> None:
    assert [len(range(7)[batch]) for batch in gen_batches(7, 3)] == [3, 3, 1]
    train = dr.Dataset(np.zeros((7, 1)), np.array([0, 1, 0, 1, 0, 1, 0]), dr.encodings.OneHot(2))
    model = dr.fit(dr.Network.dense([1, 2]), train, epochs=1, batch_size=3, execution=dr.Execution(engine="numpy"))
    assert model.history.last["step"] == 3


@row("first-weights")
def check_first_weights(_: Path) -> None:
    n_in, n_out = 50, 400
    for activation, factor in (("relu", 6), ("logistic", 2)):
        other = MLPClassifier(n_out, activation=activation, alpha=0, learning_rate_init=1e-12, random_state=0)
        other.partial_fit(np.zeros((2, n_in)), [0, 1], classes=[0, 1])
        for drawn in (other.coefs_[0], other.intercepts_[0]):
            assert abs(drawn).max() == pytest.approx((factor / (n_in + n_out)) ** 0.5, rel=0.02)
    lecun_normal = jax.jit(lambda: jax.nn.initializers.lecun_normal()(jax.random.key(0), (n_in, n_out)))
    normal = np.asarray(lecun_normal()) * n_in**0.5
    assert normal.std() == pytest.approx(1, rel=0.03)
    assert abs(normal).max() < 2.3
    (params,) = dr.Network.dense([n_in, n_out]).init(0)
    assert (params["w"] * n_in**0.5).std() == pytest.approx(1, rel=0.03)
    assert abs(params["w"] * n_in**0.5).max() > 3
    assert params["b"].std() == pytest.approx(1, rel=0.1)


@row("dense-layout")
def check_layout_of_dense_weights(_: Path) -> None:
    other = MLPClassifier(5).partial_fit(np.zeros((2, 3)), [0, 1], classes=[0, 1])
    assert other.coefs_[0].shape == (3, 5)
    assert dr.Network.dense([3, 5]).init(0)[0]["w"].shape == (5, 3)


@row("conv-layout")
def check_layout_of_kernels(_: Path) -> None:
    shape = jax.eval_shape(
        lambda x, w: lax.conv_general_dilated(x, w, (1, 1), "VALID"), jnp.zeros((1, 3, 9, 9)), jnp.zeros((8, 3, 5, 4))
    ).shape
    assert shape == (1, 8, 5, 6)
    network = dr.Network([dr.Conv(8, (5, 4)), dr.Flatten(), dr.Dense(2)], dr.LogLikelihood(), (9, 9, 3))
    assert network.init(0)[0]["w"].shape == (8, 5, 4, 3)


@row("filter-flip")
def check_direction_of_the_kernel(_: Path) -> None:
    x, w = np.array([1.0, 0.0, 0.0, 1.0]), np.array([1.0, 2.0])
    assert np.convolve(x, w, "valid").tolist() == jnp.convolve(x, w, "valid").tolist() == [2, 0, 1]
    assert lax.conv_general_dilated(x[None, None], w[None, None], (1,), "VALID").ravel().tolist() == [1, 0, 2]
    params = {"w": w.reshape(1, 1, 2, 1), "b": np.zeros(1)}
    assert dr.Conv(1, (1, 2)).forward(params, x.reshape(1, 1, 4, 1))[0].ravel().tolist() == [1, 0, 2]


@row("pool-edge")
def check_edge_of_a_pool(_: Path) -> None:
    assert reduce_max(np.arange(9.0, dtype=np.float32).reshape(3, 3)).tolist() == [[4]]
    with pytest.raises(ShapeError, check=has(argument="input_shape", value=(3, 3, 1))):
        dr.MaxPool(2).output_shape((3, 3, 1))


@row("safetensors-layout")
def check_saving_a_transposed_array(folder: Path) -> None:
    transposed = np.arange(6, dtype=np.float32).reshape(2, 3).T
    back = safetensors.numpy.load(safetensors.numpy.save({"w": transposed}))["w"]
    assert back.tolist() == [[0, 1], [2, 3], [4, 5]] != transposed.tolist()
    params = [{"w": transposed, "b": np.zeros(3, np.float32)}]
    dr.Model(dr.Network.dense([2, 3]), params, Preprocessing(dr.encodings.OneHot(3))).save(folder / "m.safetensors")
    assert dr.load(folder / "m.safetensors").params[0]["w"].tolist() == transposed.tolist()


@row("wide-integers")
def check_wide_integers(_: Path) -> None:
    counts = np.array([[2**40 + 7, 5]])
    assert jax.device_put(counts).tolist() == [[7, 5]]
    assert convert_inputs(counts, 1.0, np.dtype("float32"), "counts").tolist() == [[2.0**40, 5]]
    assert convert_inputs(counts, 1.0, np.dtype("float64"), "counts").tolist() == [[2.0**40 + 7, 5]]


@row("sixteen-bit-image")
def check_images_of_16_bits(_: Path) -> None:
    image = Image.fromarray(np.array([[0, 255, 256, 1000, 65535]], np.uint16))
    assert np.asarray(image.convert("L")).tolist() == [[0, 255, 255, 255, 255]]
    assert read_grayscale(image).tolist() == [[0, 1, 1, 4, 255]]


@row("sixteen-bit-colours")
def check_colours_of_16_bits(folder: Path) -> None:
    path = write_tiff(folder / "x.tif", np.array([[[4095, 2048, 0]]], np.uint16))
    assert np.asarray(Image.open(path)).tolist() == [[[15, 8, 0]]]
    assert read_picture(path, colour=True).tolist() == [[[255, 128, 0]]]


@row("zero-is-white")
def check_tiff_whose_zero_is_white(folder: Path) -> None:
    for dtype, pillow in (("uint8", [[255, 0]]), ("uint16", [[0, 65535]])):
        path = write_tiff(folder / "x.tif", np.array([[0, np.iinfo(dtype).max]], dtype), polarity=0)
        assert np.asarray(Image.open(path)).tolist() == pillow
        assert read_grayscale(path).tolist() == [[255, 0]]


@row("tiff-layouts")
def check_layouts_of_tiff(folder: Path) -> None:
    colours = np.full((1, 2, 3), [65_535, 30_000, 1000], np.uint16)
    path = write_tiff(folder / "x.tif", colours, layers=True)
    assert np.asarray(Image.open(path)).tolist() == [[[255, 48, 232], [255, 117, 3]]]
    assert read_picture(path, colour=True).tolist() == (colours >> 8).tolist()
    path = write_tiff(folder / "x.tif", np.array([[0, 1, 2]], np.float32), order=">", packed=True)
    assert np.asarray(Image.open(path)).max() < 1e-30
    assert read_grayscale(path).tolist() == [[0, 128, 255]]


@row("jpeg-2000-colours")
def check_white_of_jpeg_2000(folder: Path) -> None:
    (folder / "x.jp2").write_bytes(JPEG_2000)
    assert np.asarray(Image.open(folder / "x.jp2"))[:, 0].tolist() == [[0] * 3, [0] * 3, [128] * 3, [0] * 3]
    with pytest.raises(DataError, match="got one of 12 bits; save it as PNG"):
        read_grayscale(folder / "x.jp2")


@row("fits-numbers")
def check_numbers_of_fits(folder: Path) -> None:
    stored = (np.array([[0, 40_000, 65_535]]) - 32_768).astype(np.int16)
    path = write_fits(folder / "x.fits", stored, ["BZERO   = 32768"])
    assert np.asarray(Image.open(path)).tolist() == [[32_768, 7232, 32_767]]
    assert read_grayscale(path).tolist() == [[0, 156, 255]]


@row("transparent-image")
def check_transparent_pixels(_: Path) -> None:
    image = Image.new("RGBA", (1, 1), (0, 0, 0, 0))
    assert np.asarray(image.convert("L")).tolist() == [[0]]
    assert read_grayscale(image).tolist() == [[255]]


@pytest.mark.parametrize("address", CHECKS)
def test_libraries_and_deltarule_do_what_the_row_says(address, tmp_path):
    CHECKS[address](tmp_path)


def test_each_row_has_an_address_and_says_how_it_was_checked():
    rows = re.findall(r"^\| <a id=.*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    found = {}
    for line in rows:
        behaviour, others, ours, check = (cell.strip() for cell in line.strip("|").split(" | "))
        (address,) = re.findall(r'^<a id="([a-z0-9-]+)"></a>\S', behaviour)
        assert address not in found
        found[address] = check
        assert ours
        # bold type marks the libraries that a test checks
        assert ("**" in others) == (check == "test"), address
    assert set(found.values()) == {"test", "observation"}
    assert [address for address, check in found.items() if check == "test"] == list(CHECKS)
    # no row of a table is left without an address, but the heads and the list of versions
    tables = PAGE.read_text(encoding="utf-8").partition("## ")[2]
    assert len(re.findall(r"^\| (?!behaviour)", tables, re.MULTILINE)) == len(rows)
