"""Targets in a browser: what the pages of the lab read, in a real Chromium: `python -m fuzz.browser --seconds 60`.

Texts are tried in batches within one page. A target fails if the page raises another error than its own message, gives
a result that it should not give, or takes longer than a second.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from deltarule.lab.scripts import join_scripts
from deltarule.lab.table_page import build_table_page
from fuzz import seeds
from fuzz.__main__ import run_all
from fuzz.mutations import Mutator

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BATCH = 250
"""The texts that are tried in one call."""

RUN = """([texts, check]) => {
  const found = [], read = eval(check), before = performance.now();
  texts.forEach((text, i) => {
    const start = performance.now();
    let problem = "";
    try { problem = read(text) ?? ""; } catch (error) { problem = String(error && error.stack || error); }
    if (!problem && performance.now() - start > 1000) problem = "Slow";
    if (problem) found.push([i, problem.slice(0, 300)]);
  });
  return [found, (performance.now() - before) / 1000];
}"""
"""Try a batch of texts; return the failures, and the seconds that they all took."""


@dataclass(frozen=True)
class PageTarget:
    """A target in a page.

    Attributes:
        content: The function that returns the page.
        check: A function in JavaScript that reads a text, and returns the problem with the result, or nothing.
        seeds: The function that returns texts to begin with.
    """

    content: Callable[[], str]
    check: str
    seeds: Callable[[], list[str]]


def build_page(*scripts: str, model: str = "") -> str:
    """Build a page of modules of the lab alone."""
    element = f'<script type="application/json" id="model">{model}</script>'
    return f"<!doctype html><html><body>{element}<script>{join_scripts(*scripts)}</script></body></html>"


ADDRESS = """(text) => {
  const { settings, own, problems } = readAddress(text);
  if (!problems.every((one) => typeof one === "string" && one.length < 400)) return "a problem is no short sentence";
  for (const [name, { read, write }] of Object.entries(SETTINGS)) {
    if (name === "data" && settings.data === "own") continue;
    if (write(read(write(settings[name])) ?? "?") !== write(settings[name])) return `${name} is not readable again`;
  }
  if (settings.data === "own" && !own) return "own points are missing";
  for (const { x, y, label } of own?.points ?? [])
    if (![x, y].every((v) => Math.abs(v) <= EXTENT) || !Number.isFinite(label)) return "a point is outside";
  const again = readAddress(writeAddress(settings, own));
  if (again.problems.length) return `written again: ${again.problems[0]}`;
  if (JSON.stringify(again.settings) !== JSON.stringify(settings)) return "the address changes the settings";
  if (settings.data === "own" && JSON.stringify(again.own) !== JSON.stringify(own)) return "it changes the points";
}"""

TABLE = """(text) => {
  const table = readTable(text);
  if ("problem" in table) return typeof table.problem === "string" && table.problem ? "" : "an empty problem";
  const { points, classes, classNames, columns } = table;
  if (points.length < 2 || points.length > MOST_ROWS || columns.length !== 3) return "not a table";
  if (classNames.length !== classes || classes === 1 || classes > MOST_CLASSES) return "not a number of classes";
  for (const { x, y, label } of points) {
    if (![x, y].every((v) => Math.abs(v) <= REACH)) return `a point is outside: ${x}, ${y}`;
    if (classes ? !classNames[label] : !(Math.abs(label) <= 1)) return `no label: ${label}`;
  }
  const own = { points, classes, classNames, columns }, settings = { ...getDefaults(), data: "own" };
  const { problems } = readAddress(writeAddress(settings, own));
  if (problems.length) return `its address: ${problems[0]}`;
}"""

FIELDS = """(text) => {
  const fields = [...document.querySelectorAll("#row input, #row select")], cells = text.split("\\n");
  const errors = [], note = (event) => errors.push(event.message);
  addEventListener("error", note);
  fields.forEach((field, i) => {
    const cell = cells[i] ?? "";
    if (field.tagName === "SELECT") field.selectedIndex = cell.length % field.options.length;
    else field.value = cell.trim();
  });
  document.getElementById("form").dispatchEvent(new Event("input"));
  removeEventListener("error", note);
  if (errors.length) return errors[0];
  const problems = [...document.querySelectorAll(".problem")].map((one) => one.textContent).filter(Boolean);
  const answer = document.getElementById("answer").textContent;
  if (/NaN|undefined|null|Infinity|object/.test(answer)) return `the answer is ${answer}`;
  if (problems.length ? answer !== "–" : answer === "–") return `problems ${problems}, answer ${answer}`;
}"""

MODEL = """(text) => {
  const script = document.getElementById("model");
  script.textContent = text;
  document.querySelectorAll("[role=alert]").forEach((one) => one.remove());
  try {
    const { layers } = readModel(), arrays = layers.flatMap((layer) => Object.values(layer)).filter(ArrayBuffer.isView);
    if (!arrays.every((one) => one instanceof Float32Array || one instanceof Float64Array)) return "other numbers";
    if (document.querySelector("[role=alert]")) return "a message beside a model";
  } catch (error) {
    const shown = document.querySelector("[role=alert]")?.textContent;
    if (!error.message.startsWith("This page is damaged") || shown !== error.message) throw error;
  }
}"""

_PLAYGROUND = ("random.js", "data_sets.js", "network.js", "settings.js", "table_reader.js")


def build_playground() -> str:
    return build_page(*(f"playground/{name}" for name in _PLAYGROUND))


def list_addresses() -> list[str]:
    """List addresses; those with points have two of two classes, and two with numbers."""
    about = '[[{"name":"a","low":0,"high":1},{"name":"b","low":0,"high":1},{"name":"c","low":0,"high":0}],["x","y"]]'
    plain = "data=xor&cost=quadratic&layers=6,4&features=x1,x2&init=zeros&eta=0.03&hidden=relu&seed=7&noise=0.2"
    return [
        plain,
        f"#{plain}&count=%31%30",
        f"data=own&points=2.2bc2bc02001a01&about={about}",
        "data=own&points=0.2bc2bc2bc2001a02bc&dropout=0.5&optimizer=adam",
    ]


def list_tables() -> list[str]:
    return [
        "length,width,kind\n5.1,3.5,setosa\n6.2,2.9,versicolor\n7.7,3.0,virginica\n",
        "a;b;c\n1,5;2;3,25\n2,5;1e-3;4\n-1;+.5;7,5\n",
        '1\t2\t"x"\n3\t4\ty\n\n-1e308\t1e308\tx\n',
        "\ufeff1 2 0\r\n3 4 1\r5 6 1\n",
    ]


def list_rows() -> list[str]:
    return ["1.5\nx", "-3e-5\n", "\n\n", "1e308\nxx"]


def list_models() -> list[str]:
    page = build_table_page(seeds.build_table_model())
    start = page.index('id="model">') + len('id="model">')
    return [page[start : page.index("</script>", start)]]


TARGETS = {
    "playground address": PageTarget(build_playground, ADDRESS, list_addresses),
    "playground table": PageTarget(build_playground, TABLE, list_tables),
    "table page": PageTarget(lambda: build_table_page(seeds.build_table_model()), FIELDS, list_rows),
    "page model": PageTarget(lambda: build_page("forward.js", "page_model.js"), MODEL, list_models),
}


@contextmanager
def open_target(browser: Browser, name: str) -> Iterator[Page]:
    """Open the page of a target, without a network."""
    with closing(browser.new_context(offline=True)) as context:
        page = context.new_page()
        page.set_content(TARGETS[name].content())
        yield page


def try_batch(page: Page, name: str, texts: list[str]) -> tuple[list[tuple[int, str]], float]:
    """Try texts in a page; return the positions and problems of those that fail, and the seconds in the page."""
    found, seconds = page.evaluate(RUN, [texts, TARGETS[name].check])
    return [(int(i), str(problem)) for i, problem in found], float(seconds)


def run_target(
    browser: Browser, name: str, seconds: float, most: int, seed: int, folder: Path | None = None
) -> dict[str, Any]:
    """Run a target for so many seconds, or so many texts, as :func:`fuzz.plain.run_target` does."""
    texts, rng, began = TARGETS[name].seeds(), random.Random(f"{name} {seed}"), monotonic()
    mutator, n, busy, failures = Mutator([text.encode() for text in texts]), 0, 0.0, dict[str, str]()
    with open_target(browser, name) as page:
        while n < most and monotonic() - began < seconds:
            found, took = try_batch(page, name, texts)
            for i, problem in found:
                kind = problem.splitlines()[0].split(":")[0]
                if kind not in failures and folder is not None:
                    (folder / f"{name.replace(' ', '_')}-{len(failures)}").write_text(json.dumps(texts[i]))
                failures.setdefault(kind, problem)
            n, busy = n + len(texts), busy + took
            texts = [mutator.mutate(rng).decode("utf-8", "replace") for _ in range(min(BATCH, max(most - n, 1)))]
    return {
        "target": name,
        "seconds": round(monotonic() - began),
        "cpu": round(busy, 1),
        "executions": n,
        "failures": list(failures.values()),
    }


def main() -> int:
    from tests.lab.chromium import start_chromium

    parser = argparse.ArgumentParser(prog="python -m fuzz.browser", description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"the targets (default: all): {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=60, help="how long to run each (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the mutations")
    parser.add_argument("--folder", type=Path, default=Path("."), help="where texts that fail are written")
    parser.add_argument("--out", type=Path, help="a JSON file to write the results to")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with start_chromium() as browser:

        def run(name: str) -> dict[str, Any]:
            return run_target(browser, name, options.seconds, 10**12, options.seed, options.folder)

        return run_all(options.targets or TARGETS, run, options.out)


if __name__ == "__main__":
    raise SystemExit(main())
