"""Download the handwriting fonts: ``python -m tools.handwriting_fonts FOLDER``. Needs npm."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from deltarule.handwriting.fonts import FONTS


def fetch(name: str, folder: Path) -> None:
    """Download a package of Fontsource, and copy its font of normal weight with Latin letters to the folder."""
    with tempfile.TemporaryDirectory() as place:
        package = f"@fontsource/{name}@{FONTS[name]}"
        packed = subprocess.run(["npm", "pack", "--silent", package], cwd=place, capture_output=True, text=True)
        if packed.returncode:
            sys.exit(f"{package}: npm pack failed\n{packed.stderr.strip()}")
        with tarfile.open(Path(place, packed.stdout.split()[-1])) as archive:
            member = f"package/files/{name}-latin-400-normal.woff"
            content = archive.extractfile(member)
            if content is None:
                sys.exit(f"{package}: expected {member}, got none")
            (folder / f"{name}.woff").write_bytes(content.read())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python -m tools.{Path(__file__).stem} FOLDER")
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for number, font in enumerate(FONTS, 1):
        if not (target / f"{font}.woff").is_file():
            print(f"{number} of {len(FONTS)}: {font}", flush=True)
            fetch(font, target)
