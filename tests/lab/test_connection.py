"""A page that lost the lab says what happened and what is kept."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import Browser
from tests.lab.browser import Lab, Tab
from tests.lab.test_server import request


def test_only_pages_with_the_token_learn_that_the_lab_runs(lab: Lab) -> None:
    assert request(lab, "/alive") == (204, b"")
    assert request(lab, "/alive", Cookie="")[0] == 401


@pytest.mark.slow
def test_a_page_says_that_the_lab_ended_and_that_it_was_started_again(browser: Browser) -> None:
    lab = Lab()
    with contextlib.closing(browser.new_context()) as context:
        tab = Tab(context.new_page(), f"{lab.address}softmax/")
        assert tab.page.locator(".lab-connection").count() == 0
        assert lab.end() == 0
        tab.wait_for_text(r"The lab does not answer\..* is kept as of its last checkpoint.* deltarule lab")
        again = Lab(port=lab.port)
        tab.wait_for_text(r"The lab was started again\..* is kept as of its last checkpoint.*Open the address")
        assert tab.page.get_by_role("alert").count() == 1
        assert again.end() == 0


BREAK = """
const Native = window.WebSocket, opened = [];
window.isBroken = false;
window.breakConnection = (broken) => { window.isBroken = broken; if (broken) opened.forEach((one) => one.close()); };
window.WebSocket = new Proxy(Native, { construct(target, args) {
  const one = new target(...(window.isBroken ? ["ws://127.0.0.1:9/"] : args));
  opened.push(one);
  return one;
} });
"""
"""A script by which a test breaks the connection of a page, and mends it."""


@pytest.mark.slow
def test_a_page_says_that_its_session_was_lost_and_that_it_has_a_new_one(browser: Browser, lab: Lab) -> None:
    with contextlib.closing(browser.new_context()) as context:
        context.add_init_script(BREAK)
        tab = Tab(context.new_page(), f"{lab.address}softmax/")
        tab.page.evaluate("breakConnection(true)")
        tab.wait_for_text(r"This page has lost its session\. The lab still runs\.")
        tab.page.evaluate("breakConnection(false)")
        tab.wait_for_text(
            r"This page has a new session\.[^\n]* Its settings are those of its address, and else the first ones\."
        )
        tab.page.get_by_role("button", name="close").click()
        assert tab.page.locator(".lab-connection").count() == 0
