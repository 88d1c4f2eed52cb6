"""Figures of training and data: curves, bands, images, weights, confusion matrices.

The functions plot arrays and records. They return a matplotlib ``Figure`` or draw on given axes; :func:`save_figure`
writes a figure to a file. matplotlib is imported with the first figure.
"""

import lazy_loader

# the names are in __init__.pyi; each is imported on its first use
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
