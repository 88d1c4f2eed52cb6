"""Engines, which run a network: the same core, line by line in NumPy or compiled by JAX."""

import lazy_loader

# the names are in __init__.pyi; each is imported on its first use
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
