"""Train the pretrained readers anew, each in some minutes on two cores, and write their files.

``python -m deltarule.digit_strings`` trains the reader of rows. ``python -m deltarule.digit_strings FONTS`` trains that
of single digits, with the handwriting fonts in a folder (:mod:`deltarule.handwriting.fonts`).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from deltarule.core.distortions import Affine
from deltarule.data import load
from deltarule.digit_strings.pretrained import DIGITS_FILE, ROWS_FILE
from deltarule.digit_strings.training import PLAN, train_reader
from deltarule.handwriting.fonts import find_fonts
from deltarule.models.judgement import calibrate

AUGMENTATION = Affine(rotation=8, shift=1, scale=0.1, skew=0.15)


def main() -> None:
    """Train a reader, and write its file."""
    training, validation, _ = load("mnist")
    if len(sys.argv) == 1:
        train_reader(training, seed=1).save(ROWS_FILE)
        return
    plan = PLAN.for_epochs(6)
    plan = replace(plan, training=replace(plan.training, augmentation=AUGMENTATION))
    trained = train_reader(training, seed=1, plan=plan, fonts=find_fonts(Path(sys.argv[1])))
    calibrate(trained, validation).save(DIGITS_FILE)


if __name__ == "__main__":
    main()
