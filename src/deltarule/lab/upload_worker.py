"""The process that reads an upload: ``python -m deltarule.lab.upload_worker DATA RESULT LABEL BYTES SECONDS``."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

PICTURES_FOLDER = ".pictures"
"""The folder beside an archive into which it is unpacked."""

MOST_PICTURES = 200_000
MOST_UNPACKED = 2 << 30
"""The most pictures of an archive, and the most bytes of them all."""


def limit_process(memory: int, seconds: int) -> None:
    """Limit the memory, the time and the files of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in (("AS", memory), ("CPU", seconds), ("FSIZE", MOST_UNPACKED), ("CORE", 0)):
        number = getattr(resource, f"RLIMIT_{kind}", None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(number, (least, hard))
        except (ValueError, OSError):  # macOS refuses some limits of memory
            continue


def unpack_pictures(archive: Path) -> Path:
    """Unpack the pictures of an archive into a folder beside it, and return the folder with the classes.

    Raises:
        DataError: The archive is damaged, too large, or has no pictures.
    """
    from deltarule.data.picture_names import PICTURES
    from deltarule.errors import DataError

    folder = archive.parent / PICTURES_FOLDER
    if folder.exists():
        return _descend(folder)
    part = folder.with_name(f"{PICTURES_FOLDER}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [one for one in opened.infolist() if _is_picture(one, PICTURES)]
            if not entries:
                raise DataError(
                    "expected pictures in folders, one folder for each class, got an archive without pictures",
                    path=archive.name,
                    remedy="put a folder with the pictures of each class into the archive",
                )
            if len(entries) > MOST_PICTURES or sum(one.file_size for one in entries) > MOST_UNPACKED:
                raise DataError(
                    f"expected at most {MOST_PICTURES:,} pictures of {MOST_UNPACKED >> 30} GB, got more",
                    path=archive.name,
                    remedy="put fewer pictures into the archive",
                )
            for entry in entries:
                target = part.joinpath(*_split(entry.filename))
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(entry) as source, target.open("wb") as file:
                    left = entry.file_size
                    while piece := source.read(min(1 << 20, left + 1)):
                        left -= len(piece)
                        if left < 0:
                            raise DataError("a picture is longer than the archive states", path=archive.name)
                        file.write(piece)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise DataError(
            f"the archive could not be unpacked: {error}", path=archive.name, remedy="make it again"
        ) from None
    part.rename(folder)
    return _descend(folder)


def _split(name: str) -> list[str]:
    return [part for part in name.replace("\\", "/").split("/") if part]


def _is_picture(entry: zipfile.ZipInfo, endings: frozenset[str] | set[str] | tuple[str, ...]) -> bool:
    """Return whether an entry is a picture at a safe place."""
    parts = _split(entry.filename)
    is_hidden = any(part.startswith((".", "__MACOSX")) or ":" in part for part in parts)
    return bool(parts) and not entry.is_dir() and not is_hidden and Path(parts[-1]).suffix.lower() in endings


def _descend(folder: Path) -> Path:
    """Go into a folder as long as it has nothing but one folder that has folders itself."""
    while True:
        inside = list(folder.iterdir())
        if len(inside) != 1 or not inside[0].is_dir() or not any(one.is_dir() for one in inside[0].iterdir()):
            return folder
        folder = inside[0]


def main() -> None:
    """Read the data, and write them, or the error, as the result."""
    data, result, label, memory, seconds = sys.argv[1:]
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # each thread takes address space
    limit_process(int(memory), max(1, round(float(seconds))))
    from deltarule.data.options import DataOptions
    from deltarule.data.sources import Source, find
    from deltarule.errors import DeltaruleError
    from deltarule.lab.upload_result import write_result

    found: Source | str
    try:
        path = unpack_pictures(Path(data)) if data.lower().endswith(".zip") else Path(data)
        found = find(str(path), options=DataOptions(label=(label,)) if label else None)
    except DeltaruleError as error:
        name = getattr(error, "path", None)
        found = str(error.with_fields(path=Path(name).name) if name else error)
    except MemoryError:
        most = f"{int(memory) >> 20:,} MB of memory"
        found = f"{Path(data).name}: expected data that fit in {most}, got more; upload fewer or smaller examples"
    write_result(Path(result), found)


if __name__ == "__main__":
    main()
