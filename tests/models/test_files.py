"""Model files: load restores every bit, and a file holds only names and numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save, save_file
from tests.fields import has

from deltarule.core.costs import Quadratic
from deltarule.core.layers import Dense
from deltarule.core.network import Network
from deltarule.data.encodings import Bits, OneHot, OneVsRest, Real
from deltarule.data.photo import AS_DIGITS, AS_MNIST, Style
from deltarule.errors import FileError, InvalidArgument
from deltarule.files import replace_file
from deltarule.models.files import MODEL_FILE, read, write
from deltarule.models.loading import load
from deltarule.models.model import Model, pack_model
from deltarule.preprocessing import Preprocessing, Scaling
from deltarule.training.checkpoint import Checkpoint
from deltarule.training.resume import resume

from .cases import (
    OWN,
    Absolute,
    Scale,
    Zero,
    build_custom_network,
    build_every_layer,
    make_images,
    make_tiny_model,
    train_model,
)


def assert_same(one: Model, other: Model) -> None:
    assert one.network == other.network
    for mine, others in zip(one.params, other.params, strict=True):
        assert set(mine) == set(others)
        for name in mine:
            assert mine[name].dtype == others[name].dtype
            assert mine[name].shape == others[name].shape
            assert mine[name].tobytes() == others[name].tobytes()
    for field in ("preprocessing", "encoding", "scale", "classes", "example_shape", "history", "style"):
        assert getattr(one, field) == getattr(other, field), field
    assert dict(one.settings) == dict(other.settings)
    assert (one.best is None) == (other.best is None)
    if one.best is not None:
        assert_same(one.best, other.best)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_load_restores_a_trained_model(tmp_path, dtype):
    model = train_model(dtype=dtype)
    assert len(model.history.within) > 0
    assert model.best is not None
    model.save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert_same(model, loaded)
    assert loaded.parameters_sha256 == model.parameters_sha256
    x = make_images(30, 2).x
    for part, other in ((model, loaded), (model.best, loaded.best)):
        assert part.outputs(x).tobytes() == other.outputs(x).tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["model.safetensors"]


def test_saving_again_gives_the_same_file(tmp_path):
    train_model().save(tmp_path / "one")
    load(tmp_path / "one").save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_load_restores_an_untrained_model(tmp_path):
    model = Model(build_every_layer(), build_every_layer().init(1), Preprocessing(OneHot(3)))
    model.save(tmp_path / "model")
    assert_same(model, load(tmp_path / "model"))


@pytest.mark.parametrize("encoding", [OneHot(2), Bits(2), OneVsRest(7), Real()], ids=str)
def test_load_restores_every_encoding(tmp_path, encoding):
    network = Network([Dense(encoding.n_out)], Quadratic(), (3,))
    model = Model(network, network.init(3), Preprocessing(encoding, Scaling(16.0), ("a", "σ"), (3, 1)))
    model.save(str(tmp_path / "model"))
    assert_same(model, load(str(tmp_path / "model")))


@pytest.mark.parametrize("style", [None, AS_MNIST, Style(0.5, -1.0, 2.0, 0.0)], ids=["none", "MNIST's", "another"])
def test_load_restores_the_style(tmp_path, style):
    model = make_tiny_model(preprocessing=Preprocessing(OneHot(2), style=style))
    model.save(tmp_path / "model")
    assert_same(model, load(tmp_path / "model"))


@pytest.mark.parametrize(("shape", "style"), [((28, 28), AS_MNIST), ((8, 8), AS_DIGITS)], ids=str)
def test_without_a_style_the_size_chooses_it(shape, style):
    own = Preprocessing(OneHot(2), example_shape=shape)
    assert make_tiny_model(preprocessing=own).picture_style == style
    assert make_tiny_model(preprocessing=replace(own, style=Style(0.5))).picture_style == Style(0.5)


@pytest.mark.parametrize("field", ["kind", "sha256", "style"])
def test_a_description_without_a_required_field_is_refused(tmp_path, field):
    tensors, description = pack_model(make_tiny_model())
    write(tmp_path / "model", tensors, description)
    description = read(tmp_path / "model")[1]
    del (description["data"] if field == "style" else description)[field]
    (tmp_path / "model").write_bytes(save(tensors, {"deltarule": json.dumps(description)}))
    with pytest.raises(FileError) as raised:
        load(tmp_path / "model")
    assert raised.value.path == tmp_path / "model"
    assert raised.value.remedy


@pytest.mark.parametrize("number", [1, 4, True, "2", None])
def test_another_format_is_refused(tmp_path, number):
    tensors, description = pack_model(make_tiny_model())
    write(tmp_path / "model", tensors, {**description, "format": number})
    with pytest.raises(FileError, match="format 2 or 3") as raised:
        load(tmp_path / "model")
    assert (raised.value.path, raised.value.value) == (tmp_path / "model", number)
    assert "train the network again" in raised.value.remedy


def test_another_kind_is_refused(tmp_path):
    tensors, description = pack_model(make_tiny_model())
    write(tmp_path / "model", tensors, {**description, "kind": "forest"})
    with pytest.raises(FileError, check=has(position="kind", value="forest")):
        load(tmp_path / "model")


@pytest.mark.parametrize("style", ["thick", 3, {"fill": "0.5"}, {"offset": float("inf")}, {"colour": 1}], ids=str)
def test_a_damaged_style_is_refused(tmp_path, style):
    tensors, description = pack_model(make_tiny_model())
    description["data"]["style"] = style
    write(tmp_path / "model", tensors, description)
    with pytest.raises(FileError, check=has(path="model")):
        load(tmp_path / "model")


def test_nan_infinity_and_numpy_numbers_survive_saving(tmp_path):
    model = train_model(callbacks=[], epochs=1)
    record = {"epoch": 0, "nan": float("nan"), "inf": float("-inf"), "small": 5e-324, "third": 1 / 3}
    history = model.history.add({**record, "float32": np.float32(0.1), "array": np.arange(3)})
    Model(model.network, model.params, model.preprocessing, history=history).save(tmp_path / "model")
    found = load(tmp_path / "model").history.last
    assert np.isnan(found.pop("nan"))
    assert (found["inf"], found["small"], found["third"], found["array"]) == (float("-inf"), 5e-324, 1 / 3, [0, 1, 2])
    assert found["float32"] == float(np.float32(0.1))


def test_save_refuses_settings_that_json_cannot_hold(tmp_path):
    model = make_tiny_model(settings={"optimizer": object()})
    with pytest.raises(FileError, match="<object object at", check=has(path="model")):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_load_takes_custom_classes(tmp_path):
    model = train_model(build_custom_network(), callbacks=[])
    model.save(tmp_path / "model")
    assert_same(model, load(tmp_path / "model", custom=OWN))
    for missing in OWN:
        with pytest.raises(FileError, match=rf"custom=\[{missing.__name__}\]", check=has(value=missing.__name__)):
            load(tmp_path / "model", custom=[cls for cls in OWN if cls is not missing])


NO_CLASSES = {"a class": Scale, "an object": 5, "an object in a list": [Scale()], "by name": {"Scale": Scale}}


@pytest.mark.parametrize("custom", NO_CLASSES.values(), ids=NO_CLASSES)
def test_custom_that_is_no_list_of_classes_is_refused(tmp_path, custom):
    make_tiny_model().save(tmp_path / MODEL_FILE)
    for use in (load, lambda path, custom: resume(path, make_images(), custom=custom)):
        with pytest.raises(InvalidArgument, check=has(argument="custom", value=custom)):
            use(tmp_path, custom=custom)


def test_custom_may_be_an_iterator(tmp_path):
    model = train_model(build_custom_network(), callbacks=[])
    model.save(tmp_path / "model")
    assert_same(model, load(tmp_path / "model", custom=iter(OWN)))


def test_a_custom_class_with_other_fields_is_refused(tmp_path):
    train_model(build_custom_network(), callbacks=[]).save(tmp_path / "model")

    class Swish:
        """No beta any more."""

    with pytest.raises(FileError, check=has(position="description of Swish")):
        load(tmp_path / "model", custom=[Swish, Scale, Absolute, Zero])


def test_load_takes_the_folder_of_a_run(tmp_path):
    model = make_tiny_model()
    model.save(tmp_path / MODEL_FILE)
    assert_same(model, load(tmp_path))


def test_a_missing_file_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "nothing", tmp_path / "folder", tmp_path / "folder" / "nothing"):
        with pytest.raises(FileError, match="no file"):
            load(path)


def test_save_reports_why_it_cannot_write(tmp_path):
    with pytest.raises(FileError, check=has(path="model")):
        make_tiny_model().save(tmp_path / "nowhere" / "model")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, check=has(path="folder")):
        make_tiny_model().save(tmp_path / "folder")
    for name in ("", ".", "/"):
        with pytest.raises(FileError, match=r"model\.safetensors"):
            make_tiny_model().save(name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("path", ["a\0b", Path("a\0b"), b"model", 3, None])
@pytest.mark.parametrize("use", [Checkpoint, load, make_tiny_model().save])
def test_an_invalid_path_is_refused(use, path):
    with pytest.raises(InvalidArgument, match=r"(path|folder): expected a path such as"):
        use(path)


@pytest.mark.parametrize("use", [Checkpoint, load, make_tiny_model().save])
def test_a_path_that_is_too_long_is_refused(use):
    with pytest.raises(FileError, match=r"a: the path cannot be used: File name too long$") as caught:
        use("a" * 5000)
    assert len(str(caught.value)) < 200


def test_a_scale_of_the_second_format_is_a_number(tmp_path):
    tensors, description = pack_model(make_tiny_model())
    for scale, said in (("255", "got '255'"), (True, "got True"), (0, "got 0")):
        data = {**description["data"], "scale": scale}
        del data["inputs"]
        write(tmp_path / "model", tensors, {**description, "data": data})
        with pytest.raises(FileError, match=f"scale: expected a number above 0, {said}"):
            load(tmp_path / "model")


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    make_tiny_model().save("~/model")
    assert_same(load("~/model"), load(tmp_path / "model"))
    with pytest.raises(FileError, match="~of nobody/model: Could not determine home"):
        load("~of nobody/model")


def test_replace_file_leaves_open_readers_the_old_content(tmp_path):
    path = tmp_path / "file"
    replace_file(path, b"first")
    with open(path, "rb") as reader:  # a reader of the old file
        replace_file(path, b"second")
        assert reader.read() == b"first"
    assert path.read_bytes() == b"second"


def test_the_file_is_safetensors_with_a_json_description(tmp_path):
    train_model().save(tmp_path / "model")
    with safe_open(tmp_path / "model", framework="numpy") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    assert {name.split("/")[0] for name in tensors} == {"params", "best"}
    assert set(metadata) == {"deltarule"}
    description = json.loads(metadata["deltarule"])
    assert description["network"]["layers"][2] == {"type": "Dense", "n_out": 7, "initializer": {"type": "Large"}}
    assert {"python", "deltarule", "numpy"} <= set(description["versions"])


def test_foreign_and_damaged_files_are_distinguished(tmp_path):
    save_file({"weight": np.zeros((2, 2), np.float32)}, tmp_path / "foreign")
    with pytest.raises(FileError, match="another program"):
        load(tmp_path / "foreign")
    (tmp_path / "text").write_text("This is no model.")
    with pytest.raises(FileError, match="expected a model file, got a damaged file"):
        load(tmp_path / "text")
    (tmp_path / "empty").touch()
    with pytest.raises(FileError, match="expected a model file, got a damaged file"):
        load(tmp_path / "empty")
