"""The process that reads an upload: ``python -m deltarule.lab.upload_worker DATA RESULT LABEL BYTES SECONDS``."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

PICTURES_FOLDER = ".pictures"
"""The folder beside an archive into which it is unpacked."""

MOST_WRITTEN = 2 << 30
"""The most bytes of a file that the process may write."""


def limit_process(memory: int, seconds: int) -> None:
    """Limit the memory, the time and the files of this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in (("AS", memory), ("CPU", seconds), ("FSIZE", MOST_WRITTEN), ("CORE", 0)):
        number = getattr(resource, f"RLIMIT_{kind}", None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(number, (least, hard))
        except (ValueError, OSError):  # macOS refuses some limits of memory
            continue


def unpack(archive: Path) -> Path:
    """Unpack the pictures of an archive into a folder beside it, once, and return the folder with the classes.

    Raises:
        DataError: As of :func:`deltarule.data.picture_archives.unpack_pictures`.
    """
    from deltarule.data.picture_archives import find_classes, unpack_pictures

    folder = archive.parent / PICTURES_FOLDER
    if not folder.exists():
        part = folder.with_name(f"{PICTURES_FOLDER}.part")
        shutil.rmtree(part, ignore_errors=True)
        try:
            unpack_pictures(archive, part)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        part.rename(folder)
    return find_classes(folder)


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
        path = unpack(Path(data)) if data.lower().endswith(".zip") else Path(data)
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
