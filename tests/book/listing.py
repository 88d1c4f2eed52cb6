"""The book's first two programs as in their listings, example by example, without deltarule.

The tests compare the modules with them, and the benchmark measures their speed.
"""

from __future__ import annotations

import random

import numpy as np


def sigma(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigma_prime(z):
    return sigma(z) * (1 - sigma(z))


def quadratic_error(z, a, y):
    return (a - y) * sigma_prime(z)


def cross_entropy_error(z, a, y):
    return a - y


def quadratic(a, y):
    return 0.5 * np.linalg.norm(a - y) ** 2


def cross_entropy(a, y):
    return np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a)))


class Plain:
    """A network in plain loops; ``scaled`` draws the second program's first weights."""

    def __init__(self, sizes, error=quadratic_error, cost=quadratic, scaled=False):
        self.error, self.cost = error, cost
        self.b = [np.random.randn(n, 1) for n in sizes[1:]]
        self.w = []
        for i in range(1, len(sizes)):
            w = np.random.randn(sizes[i], sizes[i - 1])
            self.w.append(w / np.sqrt(sizes[i - 1]) if scaled else w)

    def output(self, a):
        for w, b in zip(self.w, self.b, strict=True):
            a = sigma(np.dot(w, a) + b)
        return a

    def gradient(self, x, y):
        in_b, in_w = self.zeros()
        a, zs = [x], []
        for w, b in zip(self.w, self.b, strict=True):
            zs.append(np.dot(w, a[-1]) + b)
            a.append(sigma(zs[-1]))
        error = self.error(zs[-1], a[-1], y)
        in_b[-1], in_w[-1] = error, np.dot(error, a[-2].T)
        for i in range(2, len(a)):
            error = np.dot(self.w[-i + 1].T, error) * sigma_prime(zs[-i])
            in_b[-i], in_w[-i] = error, np.dot(error, a[-i - 1].T)
        return in_b, in_w

    def zeros(self):
        return [np.zeros(b.shape) for b in self.b], [np.zeros(w.shape) for w in self.w]

    def step(self, batch, eta, lmbda=0.0, n=1):
        in_b, in_w = self.zeros()
        for x, y in batch:
            of_b, of_w = self.gradient(x, y)
            in_b = [total + one for total, one in zip(in_b, of_b, strict=True)]
            in_w = [total + one for total, one in zip(in_w, of_w, strict=True)]
        decay = 1 - eta * (lmbda / n)
        self.w = [decay * w - (eta / len(batch)) * g for w, g in zip(self.w, in_w, strict=True)]
        self.b = [b - (eta / len(batch)) * g for b, g in zip(self.b, in_b, strict=True)]

    def epochs(self, training, epochs, m, eta, lmbda=0.0):
        """Train, and yield the number of each epoch after it."""
        for epoch in range(epochs):
            random.shuffle(training)
            for k in range(0, len(training), m):
                self.step(training[k : k + m], eta, lmbda, len(training))
            yield epoch

    def right(self, data):
        return sum(int(np.argmax(self.output(x)) == y) for x, y in data)

    def mean_cost(self, data, lmbda):
        cost = sum(self.cost(self.output(x), y) for x, y in data) / len(data)
        return cost + 0.5 * lmbda / len(data) * sum(np.linalg.norm(w) ** 2 for w in self.w)
