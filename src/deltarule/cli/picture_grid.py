"""The pictures that a model writes, in one file, and the options that both commands for them have."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from deltarule.cli.option_errors import option_error
from deltarule.cli.output_paths import check_output
from deltarule.files import write_file

if TYPE_CHECKING:
    import numpy as np


def check_png(to_file: Path, *sources: Path) -> Path:
    """Return the path of ``--out``.

    Raises an error of the option unless it ends in .png, and is neither a folder nor one of the files to read.
    """
    path = to_file.expanduser()
    if path.suffix.lower() != ".png" or path.is_dir():
        raise option_error("--out", to_file, "the path of a file that ends in .png")
    check_output("--out", to_file, f"{to_file.stem}-completed.png", sources)
    return path


def parse_label(label: str | None, classes: Sequence[str]) -> str | int | None:
    """Return ``--label`` as a model takes it: a name of its classes, or a number."""
    return label if label is None or label in classes or not label.isdecimal() else int(label)


def write_grid(path: Path, examples: np.ndarray, scale: float) -> None:
    """Write grey examples, (n, height, width) from 0 to ``scale``, as one picture with ten in a row."""
    from PIL import Image

    from deltarule.plotting.pixels import paint_grey, tile

    content = BytesIO()
    Image.fromarray(tile(paint_grey(examples[..., None], scale), 2, 10)).save(content, format="png")
    write_file(path, content.getvalue())
