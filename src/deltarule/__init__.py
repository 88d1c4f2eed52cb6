"""Neural networks in which the learning is not hidden.

>>> import deltarule as dr
>>> train, validation, test = dr.data.load("digits")
>>> network = dr.Network.dense([64, 30, 10], cost="cross-entropy")
>>> model = dr.fit(network, train, epochs=20, validation=validation, seed=1)
>>> model.accuracy(test) > 0.9
True

The mathematics is in :mod:`deltarule.core`: backpropagation in ``core/network.py``, and the
gradients of the layers in ``core/layers.py``.
"""

import lazy_loader

# the public names are in __init__.pyi; each is imported on its first use
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__version__ = "0.1.0"
