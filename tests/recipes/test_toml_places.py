"""The line of a value in TOML, held to a slow search with the parser, and found in time proportional to the text."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.errors import FileError
from deltarule.recipes import read
from deltarule.recipes.toml_places import find_line, measure_depth

LAYERS = """\
about = 'a "b" = [1]'  # [[layers]]
"source" = \"\"\"
epochs = 3
[[layers]]
\"\"\"

layers = [
    "Dense(30)",  # , ]
    { type = "Conv", maps = 20,
      kernel = 5 },
    "Output"
]
eta = 0.5
"""

TABLES = """\
epochs = 3
[[layers]]
type = "Dense"

[[layers]]
type = "Conv"
  maps = 20
[layers.initializer]
type = "He"
[optimizer]
type.x.y = 1
"""


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        (LAYERS, ["about"], 1),
        (LAYERS, ["source"], 2),
        (LAYERS, ["layers"], 7),
        (LAYERS, ["layers", 0], 8),
        (LAYERS, ["layers", 1], 9),
        (LAYERS, ["layers", 1, "kernel"], 10),
        (LAYERS, ["layers", 2], 11),
        (LAYERS, ["layers", 2, "kernel"], 11),
        (LAYERS, ["eta"], 13),
        (TABLES, ["layers", 0], 2),
        (TABLES, ["layers", 1], 5),
        (TABLES, ["layers", 1, "maps"], 7),
        (TABLES, ["layers", 1, "initializer", "type"], 9),
        (TABLES, ["optimizer", "type", "x"], 11),
        (TABLES, ["nothing"], 1),
        ("", ["nothing"], 1),
    ],
)
def test_lines(text, keys, line):
    assert find_line(text, keys) == line


def search_slowly(text, keys):
    """Find the line as the first one up to which the text, with open brackets closed, holds the value."""
    lines = text.splitlines()
    for n in range(1, len(lines) + 1):
        for closing in ("", "]", "}]"):
            try:
                content = tomllib.loads("\n".join(lines[:n]) + closing)
                for key in keys:
                    content = content[key]
            except (tomllib.TOMLDecodeError, LookupError, TypeError):
                continue
            return n
    return None


TEXTS = st.text(st.sampled_from("ab\"'#[]{}=,.\\\n "), max_size=6)
SCALARS = st.one_of(
    st.integers(-9, 9).map(str),
    st.sampled_from(["1.5e-3", "true", "1979-05-27T07:32:00Z", "'#['", "'''\n]'''"]),
    TEXTS.map(json.dumps),
)
SPACES = st.sampled_from(["", " ", "\n", "  # ] , \n", "\n\n"])


@st.composite
def lists(draw):
    """Write a list whose entries are scalars and lists of them, over several lines."""
    parts = draw(st.lists(st.tuples(SPACES, SCALARS | SCALARS.map(lambda one: f"[{one}]")), max_size=4))
    return "[" + ",".join(f"{space}{value}" for space, value in parts) + draw(SPACES) + "]"


@st.composite
def documents(draw):
    """Write a document with some settings, comments and tables."""
    lines = []
    for name in draw(st.lists(st.sampled_from(["a", "b", '"c d"', "e.f", "g"]), unique=True)):
        lines += draw(st.lists(st.sampled_from(["", "# a = 1", "  "]), max_size=2))
        lines.append(f"{name} = {draw(SCALARS | lists())}")
    for name in draw(st.lists(st.sampled_from(["t", "u", "t"]), max_size=3)):
        lines += [f"[[{name}]]", f"x = {draw(SCALARS)}"]
    return "\n".join(lines) + "\n"


def walk(content, place=()):
    """Walk over the places of all values of parsed TOML."""
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield [*place, key]
        if isinstance(value, (dict, list)):
            yield from walk(value, (*place, key))


@given(documents())
def test_every_place_is_where_a_slow_search_finds_it(text):
    """The line of a key is that on which its value begins; the slow search sees a value where its first line ends."""
    lines = text.splitlines()
    for keys in walk(tomllib.loads(text)):
        line = find_line(text, keys)
        before = "\n".join(lines[: line - 1])
        assert 1 <= line <= len(lines)
        assert search_slowly(before + "\n", keys) is None
        assert (search_slowly(text, keys) or len(lines)) >= line


@given(st.text(st.sampled_from("ab\"'#[]{}=,.\\\n "), max_size=60))
def test_the_depth_of_any_text_is_at_most_its_marks(text):
    assert 0 <= measure_depth(text) <= sum(map(text.count, "[{."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#\n" * 40_000 + 'layers = ["Output"]\nfoo = 1\n', "line 40002: expected one of the settings"),
        ("\n" * 40_000 + 'layers = ["Output", "Outptu"]\n', "line 40001, layer 1: expected"),
        (".".join("a" * 40_000) + " = 1\n", "nested at most 64 deep"),
        ("layers = " + "[" * 40_000, "nested at most 64 deep"),
        ("eta = " + "1" * 5_000, "expected whole numbers of at most 4300 digits"),
        ('layers = ["Output"]\nepochs = 0x' + "f" * 5_000, "line 2: epochs of Training: expected a whole number"),
        ('layers = ["Output"]\neta = 1' + "0" * 400, "line 2: eta of Training: expected a number"),
        ('layers = ["Ｄense(3)", "Output"]\n', "line 1, layer 0: expected text such as"),
        ('about = "' + '\\"' * 40_000, "expected valid TOML"),
    ],
)
def test_files_that_once_took_minutes_memory_or_a_traceback(tmp_path, text, expected):
    path = tmp_path / "net.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=expected):
        read(path)
