"""The book's third program in a descendant of Theano: ``python theano_network.py INPUT OUTPUT``, both of them npz.

:mod:`tools.theano_arrays` runs this file in an environment of its own, without deltarule and without a compiler.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import aesara
import aesara.tensor as at
import numpy as np
from aesara.tensor.nnet import conv2d, softmax
from aesara.tensor.signal.pool import pool_2d

FUNCTIONS = {"sigmoid": at.sigmoid, "tanh": at.tanh, "ReLU": lambda z: at.maximum(0.0, z), "linear": lambda z: z}

DIRECT = aesara.compile.mode.Mode(linker="py", optimizer=None)
"""The mode in which each operation is the function that defines it, in Python."""


def train(settings, x, y, masks, weights):
    """Train from some weights, and return those after the last step, and the probabilities of all images.

    ``masks`` holds those of each step, first for the inputs of the dense layer, then for those of the last.
    """
    function = FUNCTIONS[settings["function"]]
    shared = [aesara.shared(w) for w in weights]
    images, labels = at.tensor4(dtype="float64"), at.lvector()
    first_mask, second_mask = at.matrix(dtype="float64"), at.matrix(dtype="float64")
    w1, b1, w2, b2, w3, b3, w4, b4 = shared

    def respond(dropped, last_dropped):
        a = images
        for w, b, pool in ((w1, b1, settings["pools"][0]), (w2, b2, settings["pools"][1])):
            pooled = pool_2d(conv2d(a, w), ws=tuple(pool), ignore_border=True)
            a = function(pooled + b.dimshuffle("x", 0, "x", "x"))
        hidden = function(at.dot(dropped(a.flatten(2)), w3) + b3)
        return softmax(at.dot(last_dropped(hidden), w4) + b4, axis=-1)

    size, steps = settings["size"], settings["n"] // settings["size"]
    learning = respond(lambda a: a * first_mask, lambda a: a * second_mask)
    likelihood = at.mean(at.log(learning)[at.arange(labels.shape[0]), labels])
    decay = sum((w**2).sum() for w in (w1, w2, w3, w4))
    cost = -likelihood + 0.5 * settings["lmbda"] * decay / steps
    updates = [(p, p - settings["eta"] * g) for p, g in zip(shared, at.grad(cost, shared), strict=True)]
    step = aesara.function([images, labels, first_mask, second_mask], cost, updates=updates, mode=DIRECT)
    kept = 1 - settings["p"]
    predict = aesara.function([images], respond(lambda a: kept * a, lambda a: kept * a), mode=DIRECT)
    for i in range(settings["epochs"] * steps):
        at_step = slice(i % steps * size, (i % steps + 1) * size)
        step(x[at_step], y[at_step], *masks[i])
    return [p.get_value() for p in shared], predict(x)


def main(source, target):
    """Read the networks of a file, train each, and write the results."""
    results = {}
    with np.load(source) as given:
        for name, settings in json.loads(str(given["settings"])).items():
            steps = settings["epochs"] * (settings["n"] // settings["size"])
            weights = [given[f"{name}/before/{i}"] for i in range(8)]
            x = given[f"{name}/x"][:, None]
            masks = [[given[f"{name}/masks/{k}"][i] for k in (0, 1)] for i in range(steps)]
            after, outputs = train(settings, x, given["y"][: len(x)], masks, weights)
            results |= {f"{name}/after/{i}": w for i, w in enumerate(after)}
            results[f"{name}/outputs"] = outputs
    np.savez_compressed(target, **results)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
