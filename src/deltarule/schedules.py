"""Learning-rate schedules: ``fit(..., eta=OneCycle(4.0))``."""

from deltarule.core.schedules import Clock, Constant, Exponential, OneCycle, ReduceOnPlateau, Schedule

__all__ = ["Clock", "Constant", "Exponential", "OneCycle", "ReduceOnPlateau", "Schedule"]
