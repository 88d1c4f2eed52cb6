"""The pictures of docs/techniques: what each technique does, run anew and drawn.

python examples/techniques                                    names them
python examples/techniques momentum --out docs/techniques     makes one; seconds
python examples/techniques all --out docs/techniques          makes all; some minutes
"""

import argparse
from pathlib import Path

import convolution
import ensembles
import neurons
import overfitting
import speed
from PIL import Image

from deltarule import plotting

TECHNIQUES = {
    "cross-entropy": neurons.cross_entropy,
    "softmax": neurons.softmax,
    "momentum": neurons.momentum,
    "newton": neurons.newton,
    "weight-decay": overfitting.weight_decay,
    "dropout": overfitting.dropout,
    "early-stopping": overfitting.early_stopping,
    "label-smoothing": overfitting.label_smoothing,
    "weight-initialization": speed.weight_initialization,
    "schedules": speed.schedules,
    "adam": speed.adam,
    "weight-averaging": speed.weight_averaging,
    "batch-normalization": speed.batch_normalization,
    "convolution": convolution.convolution,
    "ensembles": ensembles.ensembles,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python examples/techniques", description="Draw what a technique does.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*TECHNIQUES, "all", []], help="or all")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder for the pictures")
    parser.add_argument("--quick", action="store_true", help="few epochs and seeds: only to see that it runs")
    given = parser.parse_args()
    if not given.names:
        print("\n".join(["Name one or more of these, or all:", *TECHNIQUES]))
    for name in TECHNIQUES if "all" in given.names else given.names:
        figure, measured = TECHNIQUES[name](given.quick)
        path = plotting.save_figure(figure, given.out / f"{name}.png")
        with Image.open(path) as drawn:
            drawn.convert("RGB").quantize(256).save(path, optimize=True)  # half the size
        print(path)
        for line in measured:
            print(f"  {line}")
