"""Estimators for scikit-learn: networks with ``fit``, ``predict`` and ``score``, for pipelines and grid searches.

They need scikit-learn: ``pip install 'deltarule[sklearn]'``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltarule.sklearn.classifier import NetworkClassifier
    from deltarule.sklearn.regressor import NetworkRegressor

__all__ = ["NetworkClassifier", "NetworkRegressor"]


def __getattr__(name: str) -> type:
    """Import an estimator on its first use, and scikit-learn with it."""
    if name == "NetworkClassifier":
        from deltarule.sklearn.classifier import NetworkClassifier

        return NetworkClassifier
    if name == "NetworkRegressor":
        from deltarule.sklearn.regressor import NetworkRegressor

        return NetworkRegressor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
