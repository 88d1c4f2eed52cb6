"""Encodings of labels as desired outputs, and of outputs as labels: ``Dataset(x, y, encoding=Bits(4))``."""

from deltarule.data.encodings import Bits, Encoding, Inputs, MultiLabel, OneHot, OneVsRest, Real, Standardized
from deltarule.data.step_labels import StepLabels

__all__ = ["Bits", "Encoding", "Inputs", "MultiLabel", "OneHot", "OneVsRest", "Real", "Standardized", "StepLabels"]
