"""Objects in notebooks: HTML that is well formed, without scripts, with the true numbers, and escaped text."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from dataclasses import dataclass
from html.parser import HTMLParser

import marimo
import numpy as np
import pytest
from PIL import Image

import deltarule as dr
from deltarule.data.schema import Column, Schema
from deltarule.models.history import History
from deltarule.notebook.drawings import draw_curves
from deltarule.notebook.markup import COLOURS, GREY, encode_png
from deltarule.recipes.builtin import RECIPES
from deltarule.recipes.measurements import count_multiplications, count_parameters

HOSTILE = '<script>alert("1")</script>&amp;\x00\n'


@dataclass(frozen=True)
class Own(dr.Layer):
    text: str = ""

    def forward(self, params, x, rng=None):
        return x, None

    def backward(self, params, cache, d_y):
        return d_y, {}


def build_model(n_out: int = 3) -> dr.models.Model:
    rng = np.random.default_rng(0)
    train = dr.Dataset(rng.integers(0, 256, (40, 6, 5)).astype(np.uint8), np.arange(40) % n_out, "pixels")
    network = dr.Network([dr.Flatten(), dr.Dense(4), dr.Tanh(), dr.Dense(n_out)], dr.LogLikelihood(), (6, 5, 1))
    return dr.fit(network, train, epochs=3, validation=train, seed=1, engine="numpy")


MODEL = build_model()
TABLE = dr.Dataset(
    np.array([[1.5, 0.0], [np.nan, 1.0]]),
    np.array([1, 0]),
    HOSTILE,
    classes=(HOSTILE, "oak"),
    schema=Schema((Column(HOSTILE), Column("soil", ("clay", HOSTILE))), ("kind",)),
)
OBJECTS = {
    **{name: recipe.network((28, 28), 10) for name, recipe in RECIPES.items()},
    "dense": dr.Network.dense([784, 30, 10]),
    "one layer": dr.Network.dense([2, 1]),
    "of one's own": dr.Network([Own(HOSTILE), dr.Dense(2)], dr.Quadratic(dr.Linear()), (2,)),
    "two dimensions": dr.Network([dr.BatchNorm(), dr.Flatten(), dr.Dense(2)], dr.CrossEntropy(), (2, 3)),
    "model": MODEL,
    "ensemble": dr.Ensemble([MODEL, MODEL], voting="soft"),
    "history": MODEL.history,
    "no epoch": History(),
    "odd measurements": History(({"epoch": 0, HOSTILE + "_cost": None, "cost": float("nan"), "eta": HOSTILE},)),
    "images": dr.data.load("digits")[0],
    "colours": dr.Dataset(np.zeros((2, 3, 300, 3)), np.array([0, 1]), classes=(HOSTILE, "b")),
    "no example": dr.Dataset(np.zeros((0, 3, 3)), np.zeros(0, int)),
    "rows": dr.Dataset(np.arange(60.0).reshape(3, 20), np.array([0.5, 1, 2]), encoding=dr.encodings.Real()),
    "numbers": dr.Dataset(np.arange(3.0), np.array([0, 1, 0])),
    "several labels": dr.Dataset(np.ones((2, 4, 4)), np.array([[0, 1], [1, 1]]), encoding=dr.encodings.MultiLabel(2)),
    "table": TABLE,
    "training": dr.Training(),
}


class Checker(HTMLParser):
    """Check that each element is closed, and collect the elements, their attributes and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.styles: list[str] = []
        self.names: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.names |= {name for name, _ in attributes}
        self.styles += [value for name, value in attributes if name in ("style", "fill", "stroke")]
        if tag != "img":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f"{data} "


def parse(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return checker


ALLOWED = {"div", "span", "b", "table", "tr", "th", "td", "img", "svg", "rect", "path", "text", "polyline", "circle"}


@pytest.mark.parametrize("name", OBJECTS)
def test_the_html_is_well_formed_and_harmless(name):
    html = OBJECTS[name]._repr_html_()
    found = parse(html)
    assert set(found.tags) <= ALLOWED
    assert found.names & {"id", "class", "href"} == set()
    assert not any(one.startswith("on") for one in found.names)
    assert "<script" not in html
    assert "\x00" not in html
    assert len(html) < 250_000


@pytest.mark.parametrize("name", OBJECTS)
def test_colours_can_be_seen_in_light_and_dark_themes(name):
    values = [value.strip() for style in parse(OBJECTS[name]._repr_html_()).styles for value in style.split(";")]
    colours = {
        value.partition(":")[2] or value for value in values if re.match(r"(color|fill)\s*:|#|rgb|[a-z]+$", value)
    }
    assert colours - {"inherit", "currentColor", "none", GREY, *COLOURS} == set()
    assert not any(value.startswith("background") and value != "background:none" for value in values)


@pytest.mark.parametrize("name", [*RECIPES, "dense"])
def test_a_network_shows_its_parameters_and_flops(name):
    network = OBJECTS[name]
    found = parse(network._repr_html_())
    assert f" {count_parameters(network):,} " in found.text
    assert f" {2 * count_multiplications(network):,} " in found.text
    assert found.tags.count("tr") == len(network.layers) + 3  # headings, input, cost


def test_the_drawing_of_a_network_shows_each_shape_once():
    layers = [dr.Conv(20, 5), dr.ReLU(), dr.MaxPool(2), dr.Flatten(), dr.Dropout(), dr.Dense(10)]
    html = dr.Network(layers, dr.LogLikelihood(), (28, 28, 1))._repr_html_()
    svg = re.search(r"<svg.*?</svg>", html).group()
    assert re.findall(r">([^<>]+)</text>", svg) == [
        "28×28×1",
        *("Conv(20, 5)", "ReLU", "24×24×20"),
        *("MaxPool(2)", "12×12×20"),
        *("Flatten", "Dropout", "2880"),
        *("Dense(10)", "10"),
    ]  # fmt: skip
    assert svg.count("<rect") == 1 + 4 + 4 + 1 + 1


@dataclass(frozen=True)
class Huge(Own):
    def init(self, rng, input_shape):
        raise MemoryError


def test_networks_too_large_for_memory_are_shown():
    found = parse(dr.Network.dense([10**9, 10**9])._repr_html_())
    assert f" {10**18 + 10**9:,} " in found.text
    found = parse(dr.Network([Huge(), dr.Dense(2)], dr.CrossEntropy(), (3,))._repr_html_())
    assert "Huge" in found.text
    assert " ? " in found.text


def test_a_model_shows_what_it_was_trained_on_and_how_it_went():
    text = parse(MODEL._repr_html_()).text
    for words in (
        "6×5, Scaling(255.0",
        "3, OneHot(3)",
        "3 epochs",
        "validation accuracy",
        MODEL.parameters_sha256[:12],
    ):
        assert words in text
    assert f"{MODEL.history.last['validation_cost']:.4g}" in text


def test_an_ensemble_shows_its_members():
    text = parse(OBJECTS["ensemble"]._repr_html_()).text
    score = f"{MODEL.history.last['validation_accuracy']:.4g}"
    assert f"voting: soft network seed validation 0 1 {score} 1 1 {score}" in text


def test_curves_end_at_their_last_values_and_leave_out_what_is_not_finite():
    svg = draw_curves({"a": [3.0, None, float("inf"), 1.0], "b": [2.0, 2.0, 2.0, float("nan")]}, "cost")
    lines = re.findall(r'points="([^"]*)"', svg)
    assert [len(line.split()) for line in lines] == [2, 3]
    (x1, y1), (x2, y2) = (tuple(map(float, one.split(","))) for one in lines[0].split())
    assert x1 < x2
    assert y1 < y2  # downwards
    assert "a from 3 to 1; b from 2 to 2" in svg
    assert draw_curves({"a": [None]}, "cost") == ""


def test_a_long_history_stays_small():
    records = tuple({"epoch": i, "validation_accuracy": i / 50_000} for i in range(50_000))
    html = History(records)._repr_html_()
    assert len(html) < 20_000
    assert "50,000 epochs" in html
    assert "to 1<" not in html
    assert f"{49_999 / 50_000:.4g}" in html


def read_pictures(html: str) -> list[np.ndarray]:
    urls = re.findall(r'src="data:image/png;base64,([^"]*)"', html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(url)))) for url in urls]


def test_images_are_shown_pixel_by_pixel():
    data = OBJECTS["images"]
    pictures = read_pictures(data._repr_html_())
    assert len(pictures) == 20
    for label, picture in enumerate(pictures[:10]):
        first = data.x[data.y == label][0]
        np.testing.assert_array_equal(picture, np.rint(first * (255 / 16)))
    colours = np.random.default_rng(0).integers(0, 256, (3, 7, 5, 3)).astype(np.uint8)
    shown = read_pictures(dr.Dataset(colours, np.arange(3))._repr_html_())
    np.testing.assert_array_equal(np.stack(shown), colours)


def test_values_below_zero_and_large_images_are_scaled():
    x = np.zeros((1, 400, 200))
    x[0, :, 100:] = -1.0
    x[0, 0, 0] = 1.0
    (picture,) = read_pictures(dr.Dataset(x, np.array([0]))._repr_html_())
    assert picture.shape == (80, 40)
    assert (picture.min(), picture.max(), picture[-1, 0]) == (0, 255, 128)


def test_a_png_is_read_by_pillow():
    pixels = np.arange(24, dtype=np.uint8)
    for channels, shape in ((1, (4, 6)), (3, (2, 4, 3))):
        image = Image.open(io.BytesIO(encode_png(pixels.tobytes(), shape[1], shape[0], channels)))
        np.testing.assert_array_equal(np.asarray(image), pixels.reshape(shape))


def test_a_table_shows_words_and_missing_values():
    text = parse(TABLE._repr_html_()).text
    assert "soil kind 1.5 clay oak – " in text
    assert '<script>alert("1")</script>&amp;' in text


def test_settings_that_are_not_the_default_are_bold():
    def list_bold(settings) -> list[str]:
        return re.findall(r"<b>(.*?)</b>", settings._repr_html_())[1:]

    assert list_bold(dr.Training()) == []
    assert list_bold(dr.Training(epochs=5, eta=0.1, optimizer=dr.Adam(), dtype="float64")) == [
        *("5", "Constant(0.1)", "Adam", "&#x27;float64&#x27;")
    ]


def test_a_notebook_of_marimo_shows_the_html():
    for thing in (MODEL, OBJECTS["dense"], TABLE):
        assert thing._repr_html_() in marimo.as_html(thing).text


def test_ipython_shows_the_figures_as_pictures():
    """A notebook in which nobody imported pyplot has no formatter of its own for figures."""
    code = """\
import sys
from IPython.core.interactiveshell import InteractiveShell
import deltarule as dr
shell = InteractiveShell.instance()
content, _ = shell.display_formatter.format(dr.Network.dense([2, 1]).draw())
print(content["image/png"][:4], "matplotlib.pyplot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("b'\\x89PNG' False\n", "")


def test_nothing_of_notebooks_is_imported_before_it_is_needed():
    code = """\
import sys
import deltarule as dr
network = dr.Network.dense([2, 1])
repr(network), dr.Training(), dr.data.load("digits")
print("deltarule.notebook" in sys.modules)
network._repr_html_()
print("deltarule.notebook" in sys.modules, "matplotlib" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.split(), done.stderr) == (["False", "True", "False"], "")


def test_the_cells_of_the_page_run():
    from tools.notebook_picture import DOCS, SHOWN, run_cells

    shown = run_cells()
    assert [parse(html).text.split()[0] for html in shown] == ["Dataset", "Network", "History"]
    cells = re.findall(r"```python\n(.*?)```", (DOCS / "notebooks.md").read_text(encoding="utf-8"), re.DOTALL)
    variables: dict[str, object] = {}
    exec("\n".join(cells), variables)
    left, right = variables["figure"].axes
    assert len(left.images) == 1
    assert len(right.texts) <= 12
    assert len(cells) == SHOWN + 3
