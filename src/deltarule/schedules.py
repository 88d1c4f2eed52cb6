"""Learning-rate schedules: ``fit(..., eta=OneCycle(4.0))``."""

from deltarule.core.schedules import Constant, Exponential, OneCycle, ReduceOnPlateau, Schedule

__all__ = ["Constant", "Exponential", "OneCycle", "ReduceOnPlateau", "Schedule"]
