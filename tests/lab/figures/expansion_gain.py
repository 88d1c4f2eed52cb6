"""The accuracies with and without augmentation, which were measured beforehand."""

from __future__ import annotations

import numpy as np
from tests.lab.moves import Move

MOVES = (
    Move("data_expansion", "turns of 10 degrees and shifts of a pixel help", {}, lambda a, b: a["gain"] > 1),
    Move("data_expansion", "more images give a higher accuracy", {"images": 3000},
         lambda a, b: np.mean(b["plain"]) > np.mean(a["plain"])),
    Move("data_expansion", "the fewer images there are, the more it helps", {"images": 100},
         lambda a, b: b["best"] - np.mean(b["plain"]) > a["best"] - np.mean(a["plain"])),
    Move("data_expansion", "turns of up to 60 degrees help less", {"degrees": 60},
         lambda a, b: b["gain"] < a["gain"]),
    Move("data_expansion", "shifts of up to 4 pixels help less than of one", {"pixels": 4},
         lambda a, b: b["gain"] < a["gain"], {"images": 3000}),
)  # fmt: skip

ANSWERS = ({"images": 100, "degrees": 20, "pixels": 2}, {"images": 3000, "degrees": 60, "pixels": 4})
