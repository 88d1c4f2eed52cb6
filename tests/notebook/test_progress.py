"""Progress of a training: one bar in a notebook, lines elsewhere, and nothing without the callback."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from tests.notebook.test_notebook import ALLOWED, parse

import deltarule as dr
from deltarule.notebook.progress import Bar, open_display

TRAIN, VALIDATION, _ = dr.data.load("digits")
NETWORK = dr.Network.dense([64, 10])


class Recorder:
    """A stand-in for IPython's display and the handle that it returns."""

    def __init__(self):
        self.bars = []

    def __call__(self, bar, display_id):
        assert display_id is True
        return self

    def update(self, bar):
        self.bars.append(bar)


@pytest.fixture
def shown(monkeypatch):
    """Pretend that a notebook runs, and return the bars that it shows."""
    recorder = Recorder()
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=recorder))
    return recorder.bars


def train(*callbacks, epochs=3):
    return dr.fit(NETWORK, TRAIN, epochs=epochs, validation=VALIDATION, seed=1, engine="numpy", callbacks=callbacks)


def test_a_notebook_shows_a_bar_in_place_of_lines(shown, capsys, monkeypatch):
    monkeypatch.setattr("deltarule.notebook.progress.PAUSE", 0.0)
    model = train(dr.callbacks.Progress())
    right = [round(300 * accuracy) for accuracy in model.history["validation_accuracy"]]
    shares = [bar.share for bar in shown]
    assert shares == sorted(shares)
    assert (shown[0].text, shown[-1].share) == ("Epoch 1 of 3", 1.0)
    texts = list(dict.fromkeys(bar.text.split(" / ")[0] for bar in shown))
    assert texts == ["Epoch 1 of 3", *(f"Epoch {i}: {n}" for i, n in enumerate(right, 1))]
    assert capsys.readouterr() == ("", "")


def test_updates_wait_but_the_last_is_shown(shown, monkeypatch):
    monkeypatch.setattr("deltarule.notebook.progress.PAUSE", 1e9)
    train(dr.callbacks.Progress())
    assert [bar.share for bar in shown] == [1.0]


def test_a_training_that_stops_early_ends_with_its_last_epoch(shown):
    stop = dr.callbacks.EarlyStopping(1)
    model = dr.fit(
        *(NETWORK, TRAIN), eta=0.0, epochs=8, validation=VALIDATION, callbacks=[dr.callbacks.Progress(), stop]
    )
    assert len(model.history) == 2
    assert shown[-1].share == 2 / 8
    assert shown[-1].text.startswith("Epoch 2: ")


def test_a_notebook_of_marimo_shows_the_bar_as_the_output_of_the_cell(monkeypatch, capsys):
    bars = []
    stand_in = SimpleNamespace(running_in_notebook=lambda: True, output=SimpleNamespace(replace=bars.append))
    monkeypatch.setitem(sys.modules, "marimo", stand_in)
    train(dr.callbacks.Progress())
    assert bars[-1].share == 1.0
    assert bars[-1].text.startswith("Epoch 3: ")
    assert capsys.readouterr() == ("", "")
    stand_in.running_in_notebook = lambda: False  # a notebook that runs as a script, or a thread of one
    train(dr.callbacks.Progress())
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_function_gets_the_lines_in_a_notebook_too(shown):
    lines = []
    train(dr.callbacks.Progress(lines.append))
    assert len(lines) == 3
    assert shown == []


def test_without_a_notebook_lines_are_printed(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    train(dr.callbacks.Progress())
    assert len(capsys.readouterr().out.splitlines()) == 3
    terminal = SimpleNamespace(get_ipython=lambda: SimpleNamespace())  # IPython's shell in a terminal has no kernel
    for module in (terminal, SimpleNamespace(get_ipython=lambda: None), SimpleNamespace()):
        monkeypatch.setitem(sys.modules, "IPython", module)
        assert open_display() is None


def test_nothing_is_shown_without_the_callback(shown, capsys):
    train()
    assert (shown, capsys.readouterr()) == ([], ("", ""))


@pytest.mark.parametrize("share", [0.0, 0.37, 1.0])
def test_a_bar_is_harmless_html_and_plain_text(share):
    bar = Bar(share, "<b> & 3 / 4")
    found = parse(bar._repr_html_())
    assert set(found.tags) <= ALLOWED
    assert "<b> & 3 / 4" in found.text
    assert f'<rect width="{240 * share:.1f}"' in bar._repr_html_()
    assert repr(bar).count("█") == int(10 * share)


REAL = """\
import json
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
import deltarule as dr
shell = InteractiveShell.instance()
shell.kernel, shell.display_pub = object(), CapturingDisplayPublisher()
train = dr.data.load("digits")[0].take(slice(50))
dr.fit(dr.Network.dense([64, 10]), train, epochs=2, callbacks=[dr.callbacks.Progress()])
print(json.dumps(shell.display_pub.outputs))
"""


def test_ipython_gets_one_display_and_its_updates():
    done = subprocess.run([sys.executable, "-c", REAL], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    first, *updates = json.loads(done.stdout)
    assert not first.get("update")
    assert all(one["update"] and one["transient"] == first["transient"] for one in updates)
    assert updates[-1]["data"]["text/plain"].startswith("██████████ Epoch 2: ")
    assert "<svg" in updates[-1]["data"]["text/html"]
