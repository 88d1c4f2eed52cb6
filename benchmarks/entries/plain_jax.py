"""An entry for the record: the recipe fast-99 in plain JAX.

python plain_jax.py FOLDER SEED OUT
"""

import math
import sys
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

EPOCHS, BATCH, PEAK, RISE = 1, 128, 0.01, 0.25
SHAPES = [(5, 5, 1, 8), (3, 3, 8, 40), (1000, 128), (128, 10)]


def read_idx(path, header):
    return np.frombuffer(path.read_bytes(), np.uint8, offset=header)


def init(seed):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0, math.sqrt(2 / math.prod(shape[:-1])), shape).astype(np.float32) for shape in SHAPES]
    return [{"w": jnp.asarray(w), "b": jnp.zeros(w.shape[-1])} for w in weights]


def forward(params, images):
    x = images[..., None].astype(jnp.float32) / 255
    for layer in params[:2]:
        x = lax.conv_general_dilated(x, layer["w"], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + layer["b"])
        x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = jax.nn.relu(x.reshape(len(x), -1) @ params[2]["w"] + params[2]["b"])
    return x @ params[3]["w"] + params[3]["b"]


def cost(params, images, labels):
    target = jax.nn.one_hot(labels, 10) * 0.9 + 0.01
    return -(target * jax.nn.log_softmax(forward(params, images))).sum(1).mean()


@partial(jax.jit, donate_argnums=(0, 1, 2))
def step(params, m, s, t, eta, images, labels):
    grads = jax.grad(cost)(params, images, labels)
    m = jax.tree.map(lambda m, g: 0.7 * m + 0.3 * g, m, grads)
    s = jax.tree.map(lambda s, g: 0.9 * s + 0.1 * g * g, s, grads)

    def move(w, m, s):
        return w - eta * (m / (1 - 0.7**t)) / (jnp.sqrt(s / (1 - 0.9**t)) + 1e-8)

    return jax.tree.map(move, params, m, s), m, s


def choose_eta(step, steps):
    """Return η of a step: it rises from PEAK / 25 to PEAK, then falls to PEAK / 10,000, both by half a cosine."""
    t = step / steps
    start, end, share = (PEAK / 25, PEAK, t / RISE) if t < RISE else (PEAK, PEAK / 1e4, (t - RISE) / (1 - RISE))
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def main():
    folder, seed, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    images = read_idx(folder / "train-images-idx3-ubyte", 16).reshape(-1, 28, 28)[:50_000]
    labels = read_idx(folder / "train-labels-idx1-ubyte", 8)[:50_000]
    rng, params = np.random.default_rng(seed), init(seed)
    m, s = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    # the last, shorter mini-batch would be compiled a second time; it is left out
    steps, done = EPOCHS * (len(images) // BATCH), 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(images))
        for i in range(len(images) // BATCH):
            batch = order[i * BATCH : (i + 1) * BATCH]
            eta = choose_eta(done, steps)
            params, m, s = step(params, m, s, float(done + 1), eta, images[batch], labels[batch])
            done += 1
    test = read_idx(folder / "t10k-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    predict = jax.jit(lambda params, images: forward(params, images).argmax(1))
    parts = [np.asarray(predict(params, test[i : i + 1000])) for i in range(0, len(test), 1000)]
    out.write_bytes(np.concatenate(parts).astype(np.uint8).tobytes())


if __name__ == "__main__":
    main()
