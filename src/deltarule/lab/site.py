"""The lessons as a static site: pages whose Python runs in the browser, by marimo's export to WebAssembly."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import deltarule
from deltarule.errors import extra
from deltarule.lab.index import HOME, index
from deltarule.lab.pages import HERE, PAGES, Page

BROWSERS_OWN = (
    "anywidget", "lazy-loader", "matplotlib", "numpy", "pillow", "rich", "safetensors", "threadpoolctl",
)  # fmt: skip
"""What deltarule needs where there is no JAX: all of it is to be had for the browser's Python."""

LESSONS = tuple(page for page in PAGES if page.chapter)
"""Pages that can do without threads, files and a server's memory."""

HEADER = """# /// script
# requires-python = ">=3.11"
# dependencies = ["deltarule @ ../{wheel}"]
#
# [tool.marimo.display]
# theme = "system"
# ///

"""
"""A page's header there; its own says no more than the theme."""


def check_installed() -> None:
    """Raise :class:`MissingExtra` where the lessons cannot be exported."""
    with extra("lab", "the lab's static site"):
        import marimo  # noqa: F401


def site(folder: Path, pages: Sequence[Page] = LESSONS) -> Iterator[Path]:
    """Writes these lessons, what they share, and an index; names each page that is done."""
    from marimo._export.exporter import Exporter

    Exporter().export_assets(folder)
    (folder / "CLAUDE.md").unlink(missing_ok=True)  # notes of marimo's for its own source
    wheels = folder / "public" / "wheels"
    wheels.mkdir(parents=True)
    carried = wheel(wheels)
    for page in pages:
        path = folder / f"{page.name}.html"
        path.write_text(_exported(page, HEADER.format(wheel=carried.relative_to(folder).as_posix())), encoding="utf-8")
        yield path
    path = folder / "index.html"
    cards = (*(page for page in PAGES if page.name == "draw"), *pages)
    path.write_text(index(cards, _inlined, lambda page: _there(page, pages), _text("lab.css")), encoding="utf-8")
    yield path


def wheel(folder: Path) -> Path:
    """deltarule as it is installed here, as a wheel for the browser's Python; it asks only for what that can have."""
    name, version = "deltarule", deltarule.__version__
    root, info = HERE.parent, f"{name}-{version}.dist-info"
    files = {f"{name}/{path.relative_to(root).as_posix()}": path.read_bytes() for path in sorted(root.rglob("*"))
             if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    needs = "".join(f"Requires-Dist: {need}\n" for need in BROWSERS_OWN)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: deltarule\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    for written, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow((written, f"sha256={digest}", len(content)))
    writer.writerow((f"{info}/RECORD", "", ""))
    files[f"{info}/RECORD"] = rows.getvalue().encode()
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for written, content in files.items():
            archive.writestr(zipfile.ZipInfo(written), content, zipfile.ZIP_DEFLATED)
    return path


def _exported(page: Page, header: str) -> str:
    """The page in HTML, made by what marimo's own command calls: the command itself asks for uv, and the network."""
    from marimo._export.file import export_wasm
    from marimo._export.requests import WASMFileExportRequest
    from marimo._schemas.export_options import WASMExportOptions
    from marimo._utils.marimo_path import MarimoPath

    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / page.notebook.name
        code = page.notebook.read_text(encoding="utf-8").replace(', css_file="../lesson.css"', "")
        notebook.write_text(re.sub(r"# /// script\n.*?# ///\n", "", code, flags=re.DOTALL), encoding="utf-8")
        done = asyncio.run(export_wasm(WASMFileExportRequest(
            path=MarimoPath(notebook),
            options=WASMExportOptions(mode="run", show_code=False),
            code_transform=lambda code: header + code,
        )))  # fmt: skip
    style = f"<style>{_text('lab.css')}{_text('lesson.css')}</style>"
    html = str(done.contents).replace("</head>", f"{style}</head>", 1)
    return html.replace("<body>", f"<body>{HOME.format(there='index.html')}", 1)


def _there(page: Page, pages: Sequence[Page]) -> str:
    return f"{page.name}.html" if page in pages else "reader.html"


def _inlined(page: Page) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(page.thumbnail.read_bytes()).decode()


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
