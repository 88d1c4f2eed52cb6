"""Lessons as plain pages: their texts, formulas as MathML, and figures with their scripts and data in one HTML file."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from html import escape, unescape
from importlib import import_module
from typing import Any

from deltarule.lab.course import render_course
from deltarule.lab.figure import Figure
from deltarule.lab.pages import PAGES, Page, fill_template, read_asset

RUN = """
const decode = (value) => value?.base64 !== undefined
  ? new DataView(Uint8Array.from(atob(value.base64), (c) => c.charCodeAt(0)).buffer)
  : Array.isArray(value) ? value.map(decode)
  : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, decode(v)]))
  : value;
const place = document.getElementById("NAME"), data = decode(JSON.parse(place.querySelector("script").textContent));
const model = { get: (key) => (key === "data" ? data : {}), set() {}, on() {}, save_changes() {} };
figure.render({ el: place, model });
"""
"""The end of a figure's script: it reads the data in its place, and draws the figure there."""

_FORMULA = re.compile(r"<marimo-tex[^>]*>\|\|([(\[])(.*?)\|\|[)\]]</marimo-tex>", re.DOTALL)
_CODE = re.compile(r"<marimo-code-editor data-initial-value='([^']*)'[^>]*></marimo-code-editor>")
_WRAPPER = re.compile(r"</?marimo-ui-element[^>]*>")
_OTHER = re.compile(r"<marimo-([\w-]+).*?</marimo-\1>", re.DOTALL)
_ADDRESS = re.compile(r'(?<=href=")/(\w+)/(?=")')


def build_plain_page(page: Page) -> str:
    """Run a lesson, and build its page; it needs no other file, no server and no Python."""
    outputs, _ = import_module(f"deltarule.lab.lessons.{page.name}").app.run()
    figures = [output.widget for output in outputs if isinstance(getattr(output, "widget", None), Figure)]
    parts = [_render_output(output) for output in outputs if output is not None]
    styles = [read_asset("lab.css"), read_asset("lesson.css"), *(figure._css for figure in figures)]
    course = render_course(page.name, lambda other: f"{other.name}.html")
    contents = {
        "{{title}}": escape(page.title),
        "/*CSS*/": "\n".join(dict.fromkeys(styles)),
        "{{course}}": course,
        "{{course below}}": course.replace('"course"', '"course, at the end"'),
        "{{content}}": "\n".join(parts),
    }
    return fill_template("lesson.html", contents)


def convert_formula(tex: str, display: bool) -> str:
    """Convert a formula in TeX to MathML, which browsers draw without a library.

    >>> "<msub>" in convert_formula("x_j", display=False)
    True
    """
    from latex2mathml.converter import convert

    formula = str(convert(tex, display="block" if display else "inline"))
    return f'<span class="formula">{formula}</span>' if display else formula


def _render_output(output: Any) -> str:
    """Render the output of a cell."""
    widget = getattr(output, "widget", None)
    if isinstance(widget, Figure):
        return _render_figure(widget)
    return f'<div class="output">{_replace_elements(output.text)}</div>' if hasattr(output, "text") else ""


def _render_figure(figure: Figure) -> str:
    """Render a figure: its place with its data, and its script."""
    name = f"figure-{figure.script}"
    data = json.dumps(_encode(figure.data), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    code = str(figure._esm).replace("export default", "const figure =") + RUN.replace("NAME", name)
    return (
        f'<div id="{name}"><script type="application/json">{data}</script></div>\n<script type="module">{code}</script>'
    )


def _encode(value: Any) -> Any:
    """Return a figure's data as JSON can hold it."""
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {key: _encode(one) for key, one in value.items()}
    return [_encode(one) for one in value] if isinstance(value, list | tuple) else value


def _replace_elements(html: str) -> str:
    """Replace marimo's elements for formulas and code by HTML, its controls by nothing, and links by those to files."""
    html = _FORMULA.sub(lambda found: convert_formula(unescape(found[2]), found[1] == "["), html)
    html = _CODE.sub(lambda found: _render_code(json.loads(unescape(found[1]))), html)
    html = _OTHER.sub("", _WRAPPER.sub("", html))
    names = {page.name for page in PAGES}
    return _ADDRESS.sub(lambda found: f"{found[1]}.html" if found[1] in names else found[0], html)


def _render_code(code: str) -> str:
    return f'<pre tabindex="0"><code>{escape(code)}</code></pre>'
