"""Recipes: a network with all settings of its training, by name or from a file."""

from deltarule.recipes.builtin import RECIPES, recipe
from deltarule.recipes.file import NetworkFile, read, to_toml
from deltarule.recipes.recipe import BoltzmannMachine, Output, Recipe

__all__ = ["RECIPES", "BoltzmannMachine", "NetworkFile", "Output", "Recipe", "read", "recipe", "to_toml"]
