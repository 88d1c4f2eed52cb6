"""The folders of results: of your own runs, of miniatures, and those that come with deltarule."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import deltarule
from deltarule.experiments.result import locate_result

if TYPE_CHECKING:
    from deltarule.experiments.records import Settings

FULL = Path("results")
"""The default folder of full results."""

TRIALS = Path("runs") / "experiments"
"""The default folder of miniatures and changed settings; each has a subfolder, so that results never mix."""


_INSTALLED, _CHECKOUT = Path(__file__).with_name("results"), Path(__file__).parents[3]

SHIPPED = _INSTALLED if _INSTALLED.is_dir() or not (_CHECKOUT / "pyproject.toml").is_file() else _CHECKOUT / "results"
"""The folder of the results that come with deltarule: in the package, or in the checkout that it is installed from."""


def choose_folder(quick: bool, changed: Settings) -> Path:
    """Choose the default folder of the results.

    >>> choose_folder(False, {}).as_posix(), choose_folder(True, {"eta": 0.5}).as_posix()
    ('results', 'runs/experiments/quick,eta=0.5')
    """
    if not (quick or changed):
        return FULL
    whole = ",".join([*(["quick"] if quick else []), *(f"{k}={json.dumps(v)}" for k, v in sorted(changed.items()))])
    name = re.sub(r"[^\w=.,+-]", "", whole)[:80]
    return TRIALS / (name if name == whole else f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:6]}")


def find_folder(id: str, folder: Path | None = None, quick: bool = False) -> Path:
    """Find the folder to read an experiment's result from.

    It is ``folder``, or else the first with such a result: ``results``, then :data:`SHIPPED`. Miniatures do not come
    with deltarule.

    >>> find_folder("ch1/nand", Path("mine")).as_posix(), find_folder("ch1/nand", quick=True).as_posix()
    ('mine', 'runs/experiments/quick')
    """
    if folder is not None or quick:
        return folder or choose_folder(quick, {})
    return next((place for place in (FULL, SHIPPED) if locate_result(place, id).exists()), FULL)


def is_shipped(folder: Path) -> bool:
    """Return True for :data:`SHIPPED` itself, but not if the same folder was named: then nobody needs to be told.

    >>> is_shipped(SHIPPED), is_shipped(Path(str(SHIPPED)))
    (True, False)
    """
    return folder is SHIPPED


def describe_origin(folders: Sequence[Path]) -> str:
    """Describe in a sentence that results come with deltarule, "" if none does; ``folders`` has the one of each.

    >>> print(describe_origin([SHIPPED, FULL]))
    1 of these 2 results comes with deltarule 0.1.0; the others are in the folder results.
    """
    shipped = sum(map(is_shipped, folders))
    others = sorted({str(place) for place in folders if not is_shipped(place)})
    if not shipped:
        return ""
    source = f"deltarule {deltarule.__version__}"
    if not others:
        runs = f"your own runs, in the folder {FULL}, take their place."
        return f"{'This result comes' if shipped == 1 else 'These results come'} with {source}; {runs}"
    come = "comes" if shipped == 1 else "come"
    return f"{shipped} of these {len(folders)} results {come} with {source}; the others are in the folder {others[0]}."
