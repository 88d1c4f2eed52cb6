from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.fields import has

from data.pages import KINDS, page
from deltarule.data import prepare
from deltarule.data.grayscale import read_grayscale, resize
from deltarule.data.ink import _compute_upper_quartile, label_parts, thicken
from deltarule.data.photo import AS_DIGITS, AS_MNIST, Style
from deltarule.digit_strings.line import find_line
from deltarule.errors import DataError, InvalidArgument

FIELD = np.zeros((28, 28), np.uint8)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1])


def digit() -> np.ndarray:
    """Draw a 9 of straight strokes, 200×140, 255 for ink."""
    picture = np.zeros((200, 140), np.uint8)
    picture[:90] = 255
    picture[20:70, 20:120] = 0
    picture[:, 120:] = 255
    return picture


def on_paper(ink: np.ndarray, shape=(300, 400), at=(40, 150), paper=220, pen=60) -> np.ndarray:
    canvas = np.full(shape, float(paper))
    window = slice(at[0], at[0] + ink.shape[0]), slice(at[1], at[1] + ink.shape[1])
    canvas[window] += (pen - paper) * (ink / 255)
    return canvas.astype(np.uint8)


NINE = prepare(on_paper(digit()))


def originals(test) -> np.ndarray:
    """Return images of MNIST or, without it, small digits enlarged to MNIST's form."""
    if test.x.shape[1:] == (28, 28):
        return test.x
    framed = (np.pad(x * 15, 3).astype(np.uint8) for x in test.x[:60])
    return np.stack([prepare(Image.fromarray(x).resize((140, 140), Image.Resampling.BICUBIC)) for x in framed])


@pytest.mark.parametrize("kind", KINDS)
def test_prepare_restores_a_digit_from_a_photo(kind, mnist):
    images, rng = originals(mnist[2]), np.random.default_rng(1)
    chosen = rng.integers(0, len(images), 10)
    found = [likeness(prepare(page(image, kind, rng)), image) for image in images[chosen]]
    # measured with 80 of each kind: 0.93 to 0.96; a lower value is mostly a shift of one pixel
    # sometimes a piece of the edge of a shadow is taken for ink, in up to three of ten pictures
    assert np.mean(found) > (0.85 if kind == "shadow" else 0.9)


def test_prepare_keeps_a_digit_of_mnist(mnist):
    assert np.mean([likeness(prepare(image), image) for image in originals(mnist[2])[:50]]) > 0.97


def test_the_digit_is_in_the_box_with_its_mass_in_the_middle():
    assert (NINE.shape, NINE.dtype, NINE.max()) == ((28, 28), np.uint8, 255)
    rows, columns = np.flatnonzero(NINE.any(axis=1)), np.flatnonzero(NINE.any(axis=0))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (20, 14), "20 high, and 14 wide as 200 by 140 are"
    for axis in (0, 1):
        mass = NINE.sum(axis=1 - axis, dtype=float)
        assert abs((mass * np.arange(28)).sum() / mass.sum() - 14) <= 0.5


@pytest.mark.parametrize(
    "picture",
    [
        on_paper(digit(), at=(90, 10)),
        on_paper(digit(), (260, 160), (30, 10)),
        on_paper(digit(), paper=20, pen=200),
        on_paper(digit(), paper=200, pen=180),
        255 - on_paper(digit()),
        on_paper(digit()) > 128,
        on_paper(digit()) / 255,
        on_paper(digit()).astype(np.uint16) * 257,
        np.stack([on_paper(digit(), pen=pen) for pen in (60, 90, 20)], axis=-1),
    ],
    ids=["elsewhere", "close", "chalk", "pencil", "negative", "bool", "float", "16 bits", "colour"],
)
def test_place_colour_and_paper_make_no_difference(picture):
    assert likeness(prepare(picture), NINE) > 0.97


def test_transparent_parts_are_put_over_white():
    clear = np.zeros((300, 400, 4), np.uint8)
    clear[..., 3] = 255 - on_paper(digit(), paper=255, pen=0)
    assert likeness(prepare(clear), NINE) > 0.97


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_exif_orientation_is_applied(tmp_path, orientation, turns):
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.rot90(on_paper(digit()), turns)).save(path, exif=exif, quality=95)
    assert likeness(prepare(path), NINE) > 0.97
    assert likeness(prepare(str(path)), NINE) > 0.97


def test_dirt_and_the_edge_of_the_table_are_removed():
    picture = on_paper(digit())
    picture[::50, ::50] = 30
    picture[20:24, 20:24] = 30
    picture[:, :15] = 40
    picture[292:] = 40
    assert likeness(prepare(picture), NINE) > 0.97


def test_a_digit_that_touches_the_border_is_kept():
    assert likeness(prepare(on_paper(digit(), (200, 140), (0, 0))), NINE) > 0.95


def test_thin_strokes_are_thickened():
    thin = np.zeros((300, 300), np.uint8)
    thin[50:250, 150] = 255
    stroke = prepare(thin)
    assert 2 <= (stroke.max(axis=0) > 127).sum() <= 3
    assert (prepare(thin, style=Style(thinnest=0)).max(axis=0) > 127).sum() == 1


def test_ink_below_one_half_counts_as_thin():
    faint = np.zeros((5, 5), np.float32)
    faint[2, 2] = 1 / 255
    assert np.count_nonzero(thicken(faint, 2)) == 9


def test_large_and_small_photos_agree():
    small = on_paper(digit())
    assert likeness(prepare(np.kron(small, np.ones((6, 6), np.uint8))), prepare(small)) > 0.97


def test_prepare_fills_fields_of_other_sizes():
    small = prepare(on_paper(digit()), (8, 8), top=16)
    assert (small.shape, small.max()) == ((8, 8), 16)
    assert np.flatnonzero(small.any(axis=1)).tolist() == list(range(8)), "from edge to edge, as the small digits"
    np.testing.assert_array_equal(small, prepare(on_paper(digit()), (8, 8), 16, AS_DIGITS))
    wide = prepare(on_paper(digit()), (20, 40), style=AS_MNIST)
    assert (wide.shape, np.ptp(np.flatnonzero(wide.any(axis=1))) + 1) == ((20, 40), 14)


def test_a_wide_digit_is_squeezed_for_the_small_digits():
    square = prepare(on_paper(resize(digit(), (200, 200))), (8, 8), 16)
    assert np.ptp(np.flatnonzero(square.any(axis=0))) + 1 == 6


def noise(seed: int, sd: float, shape=(200, 300)) -> np.ndarray:
    return np.clip(np.random.default_rng(seed).normal(150, sd, shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        FIELD,
        FIELD + 255,
        noise(0, 2),
        noise(1, 30),
        noise(2, 5, (28, 28)),
        np.tile(np.linspace(60, 220, 300), (200, 1)).astype(np.uint8),
        on_paper(digit(), paper=200, pen=196),
    ],
    ids=["black", "white", "grain", "much grain", "small", "light from one side", "as good as invisible"],
)
def test_a_picture_without_ink_is_refused(picture):
    with pytest.raises(DataError, match="expected ink"):
        prepare(picture)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((1, 1), np.uint8), "got 1×1"),
        (np.zeros((3000, 20), np.uint8), "got 3000×20"),
        (np.zeros((0, 5), np.uint8), "got uint8 of shape (0, 5)"),
        (np.zeros((5, 5, 2), np.uint8), "got uint8 of shape (5, 5, 2)"),
        (
            np.full((9, 9), np.nan),
            "got NaN in 81 of 81",
        ),
        (np.full((9, 9), "ink"), "got <U3"),
        ([[0, 255]], "got [[0, 255]]"),
        (None, "got None"),
        (b"photo.png", "got b'photo.png'"),
    ],
)
def test_objects_that_are_no_pictures_are_refused(picture, words):
    with pytest.raises(DataError) as raised:
        prepare(picture)
    assert words in str(raised.value)
    assert raised.value.path is None


def test_the_error_names_a_file_that_is_no_picture(tmp_path):
    blank, page_of_text = tmp_path / "blank.png", tmp_path / "page.html"
    Image.fromarray(FIELD).save(blank)
    page_of_text.write_text("<html>")
    for path, words in (
        (blank, "expected ink"),
        (page_of_text, "expected a picture"),
        (tmp_path / "absent.png", "expected the file of a picture, got nothing"),
        (tmp_path, "expected the file of a picture, got a folder"),
    ):
        with pytest.raises(DataError, match=words, check=has(path=path)) as raised:
            prepare(path)
        assert str(raised.value).count(str(path)) == 1


LARGEST = float(np.finfo(np.float32).max)


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ((LARGEST, -LARGEST), r"-3\.40282e\+38, 3\.40282e\+38 in 2 of 900"),
        ((-LARGEST, 0.5), r"-3\.40282e\+38 in 1 of 900"),
        ((np.inf, -np.inf), "-infinity, infinity in 2 of 900"),
        ((np.nan, np.inf), "infinity, NaN in 2 of 900"),
    ],
    ids=str,
)
def test_marks_for_missing_pixels_are_refused(tmp_path, marks, words):
    picture = np.ones((30, 30), np.float32)
    picture[5:25, 14:17] = 0
    picture[0, :2] = marks
    Image.fromarray(picture).save(tmp_path / "scan.tiff")
    for read in (prepare, find_line, read_grayscale):
        with pytest.raises(DataError, match=words, check=has(path="scan.tiff")) as raised:
            read(tmp_path / "scan.tiff")
        assert str(raised.value).count("scan.tiff") == 1
        for given in (picture, Image.fromarray(picture), picture.astype(np.float64)):
            with pytest.raises(DataError, match=words, check=lambda error: error.path is None):
                read(given)


@pytest.mark.parametrize("largest", [1e308, 1e31, np.finfo(np.longdouble).max], ids=str)
def test_numbers_beyond_the_largest_grey_are_refused(largest):
    picture = np.ones((30, 30), np.asarray(largest).dtype)
    picture[0, :2] = largest, -largest
    with pytest.raises(DataError, match="in 2 of 900"):
        read_grayscale(picture)


@pytest.mark.parametrize("height", [1e-320, 1e-30, 1.0, 255.0, 1e29])
def test_numbers_of_other_ranges_are_scaled(height):
    picture = np.zeros((3, 3))
    picture[1] = height
    assert read_grayscale(picture).tolist() == [[0] * 3, [255] * 3, [0] * 3]


@pytest.mark.parametrize(
    "options",
    [
        {"shape": (3, 28)},
        {"shape": (28,)},
        {"shape": 28},
        {"shape": (28.0, 28.0)},
        {"top": 0},
        {"top": 256},
        {"top": "255"},
    ],
    ids=str,
)
def test_prepare_refuses_invalid_arguments(options):
    with pytest.raises(InvalidArgument) as raised:
        prepare(on_paper(digit()), **options)
    assert {raised.value.argument: raised.value.value} == options


@pytest.mark.parametrize(
    "options",
    [{"fill": 1.2}, {"fill": "1"}, {"offset": np.inf}, {"widest": 0}, {"widest": np.nan}, {"thinnest": 1}],
    ids=str,
)
def test_an_invalid_style_is_refused(options):
    with pytest.raises(InvalidArgument, check=has(owner="Style", argument=next(iter(options)))):
        Style(**options)


def test_prepare_leaves_the_picture_unchanged():
    picture = on_paper(digit())
    before = picture.copy()
    prepare(picture)
    np.testing.assert_array_equal(picture, before)


def test_label_parts_numbers_connected_parts():
    mask = np.array([[1, 0, 0, 1, 1], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [1, 1, 0, 1, 1]], bool)
    a, b, c, d = 1, 2, 3, 4
    found = label_parts(mask)
    assert found.max() == 4
    names = {found[0, 0]: a, found[0, 4]: b, found[2, 3]: c, found[3, 0]: d}
    assert [[names.get(n, 0) for n in row] for row in found] == [
        [a, 0, 0, b, b],
        [0, a, 0, 0, 0],
        [0, 0, 0, c, 0],
        [d, d, 0, c, c],
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 98, 99, 100, 101, 320 * 320])
def test_the_upper_quartile_is_that_of_numpy(n, dtype):
    values = np.random.default_rng(n).random(n).astype(dtype) * 255
    assert _compute_upper_quartile(values) == float(np.percentile(values, 75))
