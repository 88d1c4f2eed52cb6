"""The figures of docs/techniques: the measured effect of each technique.

python examples/techniques                                    list the techniques
python examples/techniques momentum --out docs/techniques     draw one figure, in seconds
python examples/techniques all --out docs/techniques          draw all figures, in some minutes
"""

import argparse
from pathlib import Path

import convolution
import ensembles
import machines
import memory
import neurons
import overfitting
import speed
from PIL import Image

from deltarule import plotting

TECHNIQUES = {
    "cross-entropy": neurons.draw_cross_entropy,
    "softmax": neurons.draw_softmax,
    "momentum": neurons.draw_momentum,
    "newton": neurons.draw_newton,
    "weight-decay": overfitting.draw_weight_decay,
    "dropout": overfitting.draw_dropout,
    "early-stopping": overfitting.draw_early_stopping,
    "label-smoothing": overfitting.draw_label_smoothing,
    "weight-initialization": speed.draw_weight_initialization,
    "schedules": speed.draw_schedules,
    "adam": speed.draw_adam,
    "weight-averaging": speed.draw_weight_averaging,
    "batch-normalization": speed.draw_batch_normalization,
    "convolution": convolution.draw_convolution,
    "recurrent": memory.draw_recurrent,
    "boltzmann": machines.draw_boltzmann,
    "ensembles": ensembles.draw_ensembles,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python examples/techniques", description="Draw the effect of a technique.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*TECHNIQUES, "all", []], help="technique, or all")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder for the figures")
    parser.add_argument("--quick", action="store_true", help="few epochs and seeds, to test that it runs")
    arguments = parser.parse_args()
    if not arguments.names:
        print("\n".join(["Name one or more of these, or all:", *TECHNIQUES]))
    for name in TECHNIQUES if "all" in arguments.names else arguments.names:
        figure, measured = TECHNIQUES[name](arguments.quick)
        path = plotting.save_figure(figure, arguments.out / f"{name}.png")
        with Image.open(path) as image:
            image.convert("RGB").quantize(256).save(path, optimize=True)  # half the size
        print(path)
        for line in measured:
            print(f"  {line}")
