"""The mathematics of the book's third program in plain loops over examples, float64, without deltarule.

The tests compare ``network3`` with it. Convolutions rotate their filters, pools use only whole regions, each of a
pool's equal maxima gets the error, the bias comes after the pool, λ is divided by the number of mini-batches, and the
caller passes the dropout masks.
"""

from __future__ import annotations

from itertools import product

import numpy as np

FUNCTIONS = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "linear": (lambda z: z, lambda z: np.ones_like(z)),
}


class Conv:
    def __init__(self, w, b, pool, function):
        self.w, self.b, self.pool, self.function = np.array(w, float), np.array(b, float), pool, FUNCTIONS[function]

    def forward(self, x, mask):
        """Convert x (channels, rows, columns) to (maps, rows, columns), and store the positions of the maxima."""
        maps, channels, kh, kw = self.w.shape
        rows, columns = (x.shape[1] - kh + 1), (x.shape[2] - kw + 1)
        conv = np.zeros((maps, rows, columns))
        for m, c, r, s, i, j in np.ndindex(maps, channels, rows, columns, kh, kw):
            conv[m, r, s] += self.w[m, c, i, j] * x[c, r + kh - 1 - i, s + kw - 1 - j]
        ph, pw = self.pool
        self.x, self.where = x, {}
        self.z = np.zeros((maps, rows // ph, columns // pw))
        for m, r, s in np.ndindex(self.z.shape):
            region = conv[m, r * ph : (r + 1) * ph, s * pw : (s + 1) * pw]
            self.where[m, r, s] = [(r * ph + i, s * pw + j) for i, j in np.argwhere(region == region.max())]
            self.z[m, r, s] = region.max() + self.b[m]
        return self.function[0](self.z)

    def backward(self, d_a):
        d_z = d_a.reshape(self.z.shape) * self.function[1](self.z)
        d_w, d_x = np.zeros_like(self.w), np.zeros_like(self.x)
        _, channels, kh, kw = self.w.shape
        for (m, r, s), places in self.where.items():
            for (row, column), c, i, j in product(places, range(channels), range(kh), range(kw)):
                at = c, row + kh - 1 - i, column + kw - 1 - j
                d_w[m, c, i, j] += d_z[m, r, s] * self.x[at]
                d_x[at] += d_z[m, r, s] * self.w[m, c, i, j]
        return d_x, d_w, d_z.sum(axis=(1, 2))


class Dense:
    def __init__(self, w, b, function, p=0.0):
        self.w, self.b, self.function, self.p = np.array(w, float), np.array(b, float), FUNCTIONS[function], p

    def forward(self, x, mask):
        """Compute a; in training the inputs are multiplied by ``mask``, in prediction it is None."""
        self.mask = 1 - self.p if mask is None else mask
        self.shape, self.x = x.shape, x.ravel() * self.mask
        self.z = self.x @ self.w + self.b
        return self.function[0](self.z)

    def backward(self, d_a):
        d_z = d_a * self.function[1](self.z)
        return (self.w @ d_z * self.mask).reshape(self.shape), np.outer(self.x, d_z), d_z


class Plain:
    """Layers, the last one linear, and a softmax."""

    def __init__(self, layers):
        self.layers = layers

    def predict_proba(self, x, masks=None):
        for i, layer in enumerate(self.layers):
            x = layer.forward(x, None if masks is None else masks[i])
        return np.exp(x) / np.exp(x).sum()

    def sgd(self, x, y, epochs, size, eta, lmbda=0.0, masks=lambda epoch, step, i, k: 1.0):
        """Train on images x (n, channels, rows, columns); ``eta`` is a function of the epoch."""
        batches = len(x) // size
        for epoch in range(epochs):
            for step in range(batches):
                total = [[np.zeros_like(layer.w), np.zeros_like(layer.b)] for layer in self.layers]
                for k in range(size):
                    at = step * size + k
                    masks_of_layers = [masks(epoch, step, i, k) for i in range(len(self.layers))]
                    d = self.predict_proba(x[at], masks_of_layers) - np.eye(len(self.layers[-1].b))[y[at]]
                    for layer, (d_w, d_b) in reversed(list(zip(self.layers, total, strict=True))):
                        d, w, b = layer.backward(d)
                        d_w += w / size
                        d_b += b / size
                for layer, (d_w, d_b) in zip(self.layers, total, strict=True):
                    layer.w = layer.w - eta(epoch) * (d_w + lmbda * layer.w / batches)
                    layer.b = layer.b - eta(epoch) * d_b
