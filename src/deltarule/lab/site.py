"""The lessons as a static site: marimo exports them to WebAssembly, so their Python runs in the browser."""

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
from deltarule.errors import require_extra
from deltarule.lab.index import HOME_LINK, render_index
from deltarule.lab.pages import HERE, PAGES, PLAYGROUND, Page, read_asset

BROWSER_PACKAGES = (
    "anywidget", "lazy-loader", "matplotlib", "numpy", "pillow", "rich", "safetensors", "threadpoolctl",
)  # fmt: skip
"""The requirements of deltarule without JAX; the browser's Python has all of them."""

LESSONS = tuple(page for page in PAGES if page.chapter)
"""The pages that need no threads, no files and no server."""

HEADER = """# /// script
# requires-python = ">=3.11"
# dependencies = ["deltarule @ ../{wheel}"]
#
# [tool.marimo.display]
# theme = "system"
# ///

"""
"""The header of an exported page, which replaces its own."""


def check_installed() -> None:
    """Raise :class:`MissingExtra` if marimo, which exports the lessons, is not installed."""
    with require_extra("lab", "the lab's static site"):
        import marimo  # noqa: F401


def write_site(folder: Path, pages: Sequence[Page] = LESSONS) -> Iterator[Path]:
    """Write the lessons, their shared files and an index, and yield the path of each written page."""
    from marimo._export.exporter import Exporter

    Exporter().export_assets(folder)
    (folder / "CLAUDE.md").unlink(missing_ok=True)  # marimo's notes about its own source
    wheels = folder / "public" / "wheels"
    wheels.mkdir(parents=True)
    wheel = build_wheel(wheels).relative_to(folder)
    for page in pages:
        path = folder / f"{page.name}.html"
        path.write_text(_export_page(page, HEADER.format(wheel=wheel.as_posix())), encoding="utf-8")
        yield path
    path = folder / "index.html"
    cards = (*(page for page in PAGES if page.name == "draw"), PLAYGROUND, *pages)
    index = render_index(cards, _inline_thumbnail, lambda page: _get_address(page, pages), read_asset("lab.css"))
    path.write_text(index, encoding="utf-8")
    yield path


def build_wheel(folder: Path) -> Path:
    """Build a wheel of the installed deltarule for the browser's Python; it requires only :data:`BROWSER_PACKAGES`."""
    name, version = "deltarule", deltarule.__version__
    root, info = HERE.parent, f"{name}-{version}.dist-info"
    files = {f"{name}/{path.relative_to(root).as_posix()}": path.read_bytes() for path in sorted(root.rglob("*"))
             if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    needs = "".join(f"Requires-Dist: {need}\n" for need in BROWSER_PACKAGES)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: deltarule\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    for member, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        writer.writerow((member, f"sha256={digest}", len(content)))
    writer.writerow((f"{info}/RECORD", "", ""))
    files[f"{info}/RECORD"] = rows.getvalue().encode()
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return path


def _export_page(page: Page, header: str) -> str:
    """Export a page to HTML with marimo's functions; its command would need uv and the internet."""
    from marimo._export.file import export_wasm
    from marimo._export.requests import WASMFileExportRequest
    from marimo._schemas.export_options import WASMExportOptions
    from marimo._utils.marimo_path import MarimoPath

    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / page.notebook.name
        code = page.notebook.read_text(encoding="utf-8").replace(', css_file="../lesson.css"', "")
        notebook.write_text(re.sub(r"# /// script\n.*?# ///\n", "", code, flags=re.DOTALL), encoding="utf-8")
        export = asyncio.run(export_wasm(WASMFileExportRequest(
            path=MarimoPath(notebook),
            options=WASMExportOptions(mode="run", show_code=False),
            code_transform=lambda code: header + code,
        )))  # fmt: skip
    style = f"<style>{read_asset('lab.css')}{read_asset('lesson.css')}</style>"
    html = str(export.contents).replace("</head>", f"{style}</head>", 1)
    return html.replace("<body>", f"<body>{HOME_LINK.format(address='index.html')}", 1)


def _get_address(page: Page, pages: Sequence[Page]) -> str:
    return f"{page.name}.html" if page in pages or page is PLAYGROUND else "reader.html"


def _inline_thumbnail(page: Page) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(page.thumbnail.read_bytes()).decode()
