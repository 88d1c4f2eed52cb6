"""A model of characters by counting: n-grams with interpolation, the yardstick of a recurrent network."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class NgramModel:
    """Counts of the characters after each context, up to ``order`` characters long.

    The probability of a character c after the context h of k characters mixes what was counted after h with the
    probability after the k − 1 last characters of h (Witten and Bell, 1991)::

        p_k(c | h) = (n(h c) + d(h) p_{k−1}(c | h')) / (n(h) + d(h))

    n(h) is how often h was seen before a character, and d(h) the number of different characters after it. p_{−1} is
    1/K for an alphabet of K characters, so no character has the probability 0.

    Args:
        order: The length of the longest context.
        size: K.
        counts: For each context, the number of times that each character followed.
        totals: n(h) of each context.

    >>> model = fit_ngrams("abababab", order=1, size=3)
    >>> round(model.find_probability("b", "a"), 3)
    0.893
    >>> round(sum(model.find_probability(c, "a") for c in "abc"), 12)
    1.0
    """

    order: int
    size: int
    counts: dict[str, Counter[str]]
    totals: dict[str, int]

    def find_probability(self, character: str, context: str) -> float:
        """Compute the probability of a character after a context, of which the last ``order`` characters count."""
        p = 1 / self.size
        for length in range(min(self.order, len(context)) + 1):
            h = context[len(context) - length :]
            following = self.counts.get(h)
            if following is None:  # then no longer context was seen, either
                break
            p = (following[character] + len(following) * p) / (self.totals[h] + len(following))
        return p

    def measure_bits(self, text: str, context: str = "") -> float:
        """Compute the mean of −log₂ p over the characters of a text, each after all characters before it.

        ``context`` is what comes before the text.

        >>> fit_ngrams("", order=2, size=8).measure_bits("abc")
        3.0
        """
        whole, start = context + text, len(context)
        bits = 0.0
        for i in range(start, len(whole)):
            bits -= math.log2(self.find_probability(whole[i], whole[max(0, i - self.order) : i]))
        return bits / len(text)


def fit_ngrams(text: str, order: int, size: int) -> NgramModel:
    """Count the characters of a text after each context of 0 to ``order`` characters."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for length in range(order + 1):
        for i in range(length, len(text)):
            counts[text[i - length : i]][text[i]] += 1
    return NgramModel(order, size, dict(counts), {h: sum(found.values()) for h, found in counts.items()})


def choose_order(train: str, validation: str, orders: Sequence[int], size: int) -> tuple[NgramModel, list[float]]:
    """Fit a model of each order; return the one with the fewest bits on the validation text, and all bits."""
    models = [fit_ngrams(train, order, size) for order in orders]
    bits = [model.measure_bits(validation, train[-max(orders) :] if max(orders) else "") for model in models]
    return models[bits.index(min(bits))], bits
