"""Figures plot the given numbers with labels, and files are written whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image
from tests.fields import has

from deltarule import plotting
from deltarule.errors import FileError, InvalidArgument
from deltarule.plotting.pixels import LINE, tile
from deltarule.training import EtaRange, EtaTrial


def history(*accuracies: float, training: bool = False) -> list[dict[str, float]]:
    records = []
    for i, accuracy in enumerate(accuracies):
        record = {"epoch": i, "validation_accuracy": accuracy, "validation_cost": 1 / (i + 1)}
        records.append(record | ({"training_accuracy": 1.0, "training_cost": 0.1} if training else {}))
    return records


def labels(legend) -> list[str]:
    return [text.get_text() for text in legend.get_texts()]


def test_curves_plot_the_history_over_epochs_from_1():
    figure = plotting.plot_curves({"": history(0.9, 0.95, 0.94)}, "How it learned")
    accuracy, cost = figure.axes
    (line,) = accuracy.lines
    assert np.allclose(line.get_xydata(), [[1, 90], [2, 95], [3, 94]])
    (line,) = cost.lines
    assert np.allclose(line.get_xydata(), [[1, 1], [2, 1 / 2], [3, 1 / 3]])
    assert [axes.get_xlabel() for axes in figure.axes] == ["epoch", "epoch"]
    assert (accuracy.get_ylabel(), cost.get_ylabel()) == ("accuracy in %", "cost")
    assert labels(accuracy.get_legend()) == ["validation"]
    assert figure.get_suptitle() == "How it learned"


def test_training_curves_are_dashed_in_the_same_colour():
    figure = plotting.plot_curves({"": history(0.9, 0.95, training=True)}, cost="cost of all")
    validation, training = figure.axes[0].lines
    assert (validation.get_linestyle(), training.get_linestyle()) == ("-", "--")
    assert validation.get_color() == training.get_color()
    assert labels(figure.axes[0].get_legend()) == ["validation", "training"]
    assert figure.axes[1].get_ylabel() == "cost of all"


def test_runs_have_different_colours_and_one_legend():
    runs = {"first": history(0.9, 0.92), "_second $x_1$": history(0.8, training=True), "third": history(0.7, 0.75, 0.8)}
    figure = plotting.plot_curves(runs)
    (legend,) = figure.legends
    assert labels(legend) == ["first", "_second $x_1$", "third", "validation", "training"]
    drawn = [to_hex(line.get_color()) for line in figure.axes[0].lines]
    named = [to_hex(handle.get_color()) for handle in legend.legend_handles[:3]]
    assert drawn == [named[0], named[1], named[1], named[2]]
    assert len(set(named)) == 3
    assert all(axes.get_legend() is None for axes in figure.axes)


def test_many_runs_differ_in_colour_or_marker():
    figure = plotting.plot_curves({f"seed {i}": history(*([0.9] * 30)) for i in range(20)})
    lines = figure.axes[0].lines
    assert len({(to_hex(line.get_color()), line.get_marker()) for line in lines}) == 20


@pytest.mark.parametrize("epochs", [1, 2, 5, 12, 30, 400])
def test_epochs_are_whole_numbers(epochs):
    figure = plotting.plot_curves({"": history(*([0.9] * epochs))})
    figure.draw_without_rendering()
    for axes in figure.axes:
        low, high = axes.get_xlim()
        assert low <= 1
        assert high >= epochs
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        assert ticks
        assert ticks == [round(tick) for tick in ticks]


def test_axes_without_curves_have_a_note():
    figure = plotting.plot_curves({"": [{"epoch": 0, "eta": 0.5}]})
    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [["not measured"]] * 2


def test_infinite_and_nan_costs_can_be_plotted():
    records = [{"epoch": i, "validation_cost": cost} for i, cost in enumerate([1.0, float("inf"), float("nan")])]
    plotting.plot_curves({"": records}).draw_without_rendering()


@pytest.mark.parametrize("n", [0, 1, 5, 8, 9, 40])
def test_a_sheet_has_every_image_with_its_caption(n):
    images = np.arange(n * 64).reshape(n, 8, 8) % 17
    figure = plotting.plot_images(images, [f"number {i}" for i in range(n)], "a sheet")
    (axes,) = figure.axes
    assert len(axes.images) == n
    assert all(np.array_equal(plot.get_array(), image) for plot, image in zip(axes.images, images, strict=True))
    captions = [text for text in axes.texts if text.get_text() != "none"]
    assert [text.get_text() for text in captions] == [f"number {i}" for i in range(n)]
    places = [image.get_extent() for image in axes.images]
    for (left, right, bottom, top), caption in zip(places, captions, strict=True):
        assert right - left == pytest.approx(bottom - top)  # a square stays square
        x, y = caption.get_position()
        assert left < x < right
        assert 0 < y - bottom < 0.1  # below its own image, in inches
    assert len({(round(place[0], 3), round(place[3], 3)) for place in places}) == n
    assert ("none" in [text.get_text() for text in axes.texts]) == (n == 0)


def test_all_images_of_a_sheet_have_one_grey_scale():
    figure = plotting.plot_images(np.stack([np.zeros((4, 4)), np.full((4, 4), 16)]), ["blank", "ink"])
    assert [image.get_clim() for image in figure.axes[0].images] == [(0, 16), (0, 16)]


def test_images_keep_their_proportions_and_colours():
    images = np.random.default_rng(0).random((2, 10, 20, 3))
    plots = plotting.plot_images(images, ["a", "b"]).axes[0].images
    assert np.array_equal(plots[1].get_array(), images[1])
    left, right, bottom, top = plots[0].get_extent()
    assert right - left == pytest.approx(2 * (bottom - top))


def test_long_captions_do_not_overlap():
    name = "a photograph that was taken long ago and called by all that was in it.png"
    figure = plotting.plot_images(np.ones((8, 8, 8)), [name] * 8, name * 5)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    assert all(
        text.get_text().startswith("a photo") and text.get_text().endswith(".png") for text in figure.axes[0].texts
    )
    width = figure.get_figwidth() * figure.dpi
    title = figure._suptitle.get_window_extent()
    assert title.x0 >= 0
    assert title.x1 <= width


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 4, 5), (3,)])
def test_arrays_of_other_shapes_are_refused(shape):
    with pytest.raises(InvalidArgument, check=has(argument="images", value=shape)):
        plotting.plot_images(np.zeros(shape), ["x"] * shape[0])


def test_a_confusion_matrix_colours_only_mistakes():
    counts = np.array([[90, 3, 0], [0, 80, 12], [1, 0, 70]])
    figure = plotting.plot_confusion(counts, ["zero", "one", "two $x$"], "all: 94 % right")
    (axes,) = figure.axes
    (image,) = axes.images
    drawn = np.ma.filled(image.get_array(), np.nan)
    assert np.isnan(np.diag(drawn)).all()
    assert (drawn[0, 1], drawn[1, 2], drawn[2, 0]) == (3, 12, 1)
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "90", (1, 0): "3", (1, 1): "80", (2, 1): "12", (0, 2): "1", (2, 2): "70"}
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["zero", "one", "two $x$"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("prediction", "label", "all: 94 % right")


def test_a_confusion_matrix_of_many_classes_is_a_small_image_that_names_some():
    counts = np.eye(1000, dtype=int) * 9
    counts[3, 700] = 4
    figure = plotting.plot_confusion(counts, [f"class {i}" for i in range(1000)])
    (axes,) = figure.axes
    assert max(figure.get_size_inches()) < 14.5
    assert not axes.texts
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [f"class {i}" for i in range(0, 1000, 25)]
    assert list(axes.get_yticks()) == list(range(0, 1000, 25))
    assert axes.images[0].get_array()[3, 700] == 4


@pytest.mark.parametrize("n", [2, 10, 14, 200])
def test_a_confusion_matrix_with_long_names_fits_its_figure(n):
    names = [f"a class with a long name {i}" for i in range(n)]
    figure = plotting.plot_confusion(
        np.full((n, n), 1000), names, "a title that says a good deal about where this is from" * 2
    )
    figure.draw_without_rendering()
    (axes,) = figure.axes
    width, height = figure.get_size_inches() * figure.dpi
    parts = [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label, axes.title]
    for part in parts:
        box = part.get_window_extent()
        assert box.x0 >= -1, part
        assert box.y0 >= -1, part
        assert box.x1 <= width + 1, part
        assert box.y1 <= height + 1, part


def test_the_colour_scale_of_weights_is_symmetric_about_0():
    w = np.random.default_rng(0).normal(size=(50, 3, 4))
    w[1] = 0
    figure = plotting.plot_weights(w, "weights", most=20)
    images = figure.axes[0].images
    assert len(images) == 20
    assert np.array_equal(images[7].get_array(), w[7])
    low, high = images[7].get_clim()
    assert -low == high == np.abs(w[7]).max()
    assert figure.get_suptitle() == "weights (the first 20 of 50)"
    assert [text.get_text() for text in figure.axes[0].texts][:2] == ["0", "1"]
    with pytest.raises(InvalidArgument, check=has(argument="w", value=(50, 12))):
        plotting.plot_weights(w.reshape(50, 12))


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("new/folder/b.PDF", b"%PDF"), ("c.svg", b"<?xml")])
def test_save_figure_writes_the_format_of_the_ending(tmp_path, name, start):
    written = plotting.save_figure(plotting.plot_curves({"": history(0.5)}), tmp_path / name)
    assert written == tmp_path / name
    assert written.read_bytes().startswith(start)


def test_a_png_has_the_size_of_its_figure(tmp_path):
    figure = plotting.plot_confusion(np.eye(3, dtype=int), list("abc"))
    with Image.open(plotting.save_figure(figure, tmp_path / "x.png")) as image:
        assert image.size == tuple(np.round(figure.get_size_inches() * 150).astype(int))
        assert len(image.convert("RGB").getcolors(1 << 20)) > 5


@pytest.mark.parametrize("name", ["x", "x.txt", "", "x."])
def test_an_unknown_ending_is_refused(tmp_path, name):
    with pytest.raises(InvalidArgument, check=has(path=tmp_path / name)):
        plotting.save_figure(plotting.plot_curves({"": history(0.5)}), tmp_path / name)


def test_a_path_that_cannot_be_written_is_a_file_error(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.png").mkdir()
    figure = plotting.plot_curves({"": history(0.5)})
    for path in ("file/x.png", "file/below/x.png", "folder.png"):
        with pytest.raises(FileError):
            plotting.save_figure(figure, tmp_path / path)
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder.png"]


def test_a_failed_write_leaves_the_previous_file(tmp_path, monkeypatch):
    path = plotting.save_figure(plotting.plot_curves({"": history(0.5)}), tmp_path / "x.png")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FileError, match="No space left"):
        plotting.save_figure(plotting.plot_curves({"": history(0.7)}), path)
    assert path.read_bytes() == before
    assert [p.name for p in Path(tmp_path).iterdir()] == ["x.png"]


def test_characters_missing_from_the_font_give_no_warning(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plotting.save_figure(plotting.plot_curves({"": history(0.5)}, "手書き数字 $\\frac$"), tmp_path / "x.png")


def test_figures_are_not_registered_with_pyplot():
    import matplotlib.pyplot as plt

    plotting.plot_curves({"": history(0.5)})
    assert plt.get_fignums() == []


def test_plot_eta_range_shows_every_trial_and_the_threshold():
    def trial(eta, last, between):
        rows = tuple((90.0, *between, *[last + 0.1 * c] * 3) for c in (1, 2))
        return EtaTrial(eta, tuple(range(0, 620, 20)), rows)

    falling, oscillating = np.linspace(20, 10, 27), [20, 10] * 13 + [20]
    diverged = EtaTrial(10.0, (0, 1, 2), ((9.0, float("inf"), float("inf")),))
    found = EtaRange((trial(0.01, 5.0, falling), trial(0.1, 1.0, falling), trial(1.0, 20.0, oscillating), diverged))
    figure = plotting.plot_eta_range(found, "A network")
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "learning rate η")
    assert axes.get_ylabel() == "training cost after 600 mini-batches"
    assert np.allclose(axes.lines[0].get_xydata(), [[0.01, 5.15], [0.1, 1.15], [1.0, 20.15]])
    assert labels(axes.get_legend()) == ["falls", "oscillates", "threshold 0.1", "recommended 0.05"]
    assert [len(line.get_xdata()) for line in axes.lines[1:3]] == [2, 1]
    assert figure.get_suptitle() == "A network"


def test_plot_misclassified_shows_the_most_confident_mistakes_first():
    images = np.arange(3)[:, None, None] * np.ones((3, 4, 4))
    figure = plotting.plot_misclassified(
        images, ["a", "b", "c"], ["x", "y", "z"], np.array([0.5, 0.9, 0.7]), 20, most=2
    )
    (axes,) = figure.axes
    assert [image.get_array().max() for image in axes.images] == [1, 2]
    assert [text.get_text() for text in axes.texts] == ["b read as y", "c read as z"]
    assert figure.get_suptitle() == "3 of 20 misclassified; the 2 most confident mistakes"


def test_a_band_reaches_from_the_lowest_run_to_the_highest():
    _, axes = plotting.new_figure()
    plotting.plot_band(axes, [[1.0, 2.0, 9.0], [3.0, 6.0]], x=[10, 20], label="runs")
    plotting.plot_band(axes, [])
    plotting.plot_published(axes, 5.0)
    plotting.label_axes(axes, "x", "y", "title")
    curve, published = axes.lines
    assert curve.get_xydata().tolist() == [[10, 2], [20, 4]]
    (band,) = axes.collections
    assert {tuple(corner) for corner in band.get_paths()[0].vertices.tolist()} == {(10, 1), (10, 3), (20, 2), (20, 6)}
    assert list(published.get_ydata()) == [5, 5]
    assert labels(axes.get_legend()) == ["runs", "published"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == ("x", "y", "title")


def test_one_run_has_no_band():
    _, axes = plotting.new_figure()
    plotting.plot_band(axes, [[1.0, 2.0]])
    assert (len(axes.lines), len(axes.collections)) == (1, 0)


def test_equal_figures_give_equal_svg():
    texts = [plotting.render_svg(plotting.plot_curves({"": history(0.5, 0.6)}), salt) for salt in ("a", "a", "b")]
    assert texts[0] == texts[1] != texts[2]
    assert "<dc:date>" not in texts[0]


def test_images_are_tiled_in_even_rows():
    images = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((5, 2, 3, 3), np.uint8)
    sheet = tile(images, larger=2, columns=4)
    height, width = 2 * 2 + LINE, 2 * 3 + LINE
    assert sheet.shape == (2 * height, 3 * width, 3)
    assert [int(sheet[row * height, column * width, 0]) for row in (0, 1) for column in (0, 1, 2)] == [
        0,
        1,
        2,
        3,
        4,
        255,
    ]
    assert (sheet[4:height] == 205).all()  # the line between


def test_importing_plotting_does_not_import_matplotlib():
    program = "import sys, deltarule.plotting; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
