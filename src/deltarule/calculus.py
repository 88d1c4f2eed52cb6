"""Derivatives beyond backpropagation: finite differences, the Hessian and Newton's step."""

from deltarule.core.gradcheck import gradcheck, numerical_gradient
from deltarule.core.newton import hessian, newton_step

__all__ = ["gradcheck", "hessian", "newton_step", "numerical_gradient"]
