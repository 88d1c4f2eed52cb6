"""The Playground's explanations of runs that do not learn, and its things to try."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.lab.playground import Playground
from tests.lab.selection import mark_others_slow


def test_divergence_is_explained_with_a_remedy(playground: Playground) -> None:
    playground.open("data=surface&eta=20")
    playground.find("#run").click()
    playground.wait_until("run.hasDiverged")
    expect(playground.find("#diagnosis-text")).to_contain_text("The run has diverged: the cost has risen since step 0")
    assert playground.read("#run-text") == "Run"
    playground.find("#history").press("Home")
    expect(playground.find("#diagnosis")).to_be_hidden()
    playground.find("#run").click()
    playground.wait_until("run.hasDiverged")
    playground.click("Start again with η = 2")
    assert playground.ask("[settings.eta, run.hasDiverged]")[0] == 2


STANDSTILLS = {
    "zeros": ("init=zeros", "All neurons of hidden layer 1 have the same weights.", "init", "default"),
    "straight lines": ("data=xor&layers=", "can only divide its inputs by straight lines.", "layers", [8]),
    "dead": ("data=spiral&hidden=relu&eta=1&optimizer=adam", "Dead neurons", "hidden", "leaky-relu"),
    "saturated": ("data=spiral&hidden=sigmoid&eta=1&optimizer=adam&cost=quadratic", "Saturated", "init", "glorot"),
}


@pytest.mark.parametrize("name", mark_others_slow(STANDSTILLS, ("zeros",)))
def test_a_standstill_is_explained_with_a_remedy(name: str, playground: Playground) -> None:
    address, text, setting, value = STANDSTILLS[name]
    playground.open(address)
    playground.ask("Array.from({ length: 1200 }, () => run.step()).length")
    playground.click("Epoch")
    assert text in playground.read("#diagnosis-text")
    playground.find("#remedy").click()
    assert playground.ask(f"settings.{setting}") == value
    assert playground.read("#run-text") == "Pause"


def train(playground: Playground, epochs: int) -> dict[str, float]:
    """Train for some epochs without pictures, and return the last record."""
    playground.ask(f"Array.from({{ length: {epochs} * run.at.stretch.stepsPerEpoch }}, () => run.step()).length")
    record: dict[str, float] = playground.ask("({ ...run.last, at: null })")
    return record


def explain(playground: Playground) -> str:
    """Let the page explain the run after one more step."""
    playground.click("Step")
    return playground.find("#diagnosis-text").text_content() or ""


IDEAS = {
    "One straight line": ("features=x1,x2,x1x2", 100),
    "Three neurons close a region": ("layers=2", 200),
    "A gradient that vanishes": ("hidden=tanh", 100),
    "A step that is too large": ("eta=0.1", 30),
    "Overfitting": ("regularizer=l2&lmbda=0.3", 150),
    "Equal neurons": ("init=default", 60),
}
"""A change and a number of epochs for each idea of the page."""


@pytest.mark.parametrize("idea", mark_others_slow(IDEAS, ("One straight line",)))
def test_the_ideas_do_what_they_say(idea: str, playground: Playground) -> None:
    assert {link.inner_text() for link in playground.find(".ideas a").all()} == set(IDEAS)
    link = playground.page.get_by_role("link", name=idea)
    defaults = playground.ask("JSON.stringify(settings)")
    link.click()
    change, epochs = IDEAS[idea]
    address = (link.get_attribute("href") or "")[1:]
    playground.wait_until(f"JSON.stringify(settings) !== {defaults!r}")
    expect(playground.find("#problems")).to_be_hidden()
    before = train(playground, epochs)
    explanation = explain(playground)
    playground.open(f"{address}&{change}")
    after = train(playground, epochs)
    if idea == "One straight line":
        assert before["accuracy"] < 0.6
        assert after["accuracy"] > 0.97
    elif idea == "Three neurons close a region":
        assert before["accuracy"] > 0.97
        assert after["accuracy"] < 0.93
    elif idea == "A gradient that vanishes":
        assert before["accuracy"] < 0.6
        assert "The gradient vanishes" in explanation
        assert after["accuracy"] > 0.97
    elif idea == "A step that is too large":
        assert before["diverged"]
        assert after["cost"] < 0.1
    elif idea == "Overfitting":
        assert "the test cost has risen since epoch 70" in explanation
        assert after["testCost"] < before["testCost"] - 0.05
    else:
        assert before["accuracy"] < 0.6
        assert "have the same weights" in explanation
        assert "have the same weights" not in explain(playground)
