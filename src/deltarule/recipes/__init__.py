"""Recipes: a network with all that its training is set to, by name or from a file that one can write by hand."""

from deltarule.recipes.builtin import RECIPES, recipe
from deltarule.recipes.file import NetworkFile, read, to_toml
from deltarule.recipes.recipe import Output, Recipe

__all__ = ["RECIPES", "NetworkFile", "Output", "Recipe", "read", "recipe", "to_toml"]
