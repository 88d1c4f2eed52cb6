"""Characters in handwriting fonts: digits in other hands than MNIST's, and marks that are no digit."""

from deltarule.handwriting.dataset import build_font_set
from deltarule.handwriting.fonts import find_fonts, is_held_out
from deltarule.handwriting.glyphs import draw_glyphs

__all__ = ["build_font_set", "draw_glyphs", "find_fonts", "is_held_out"]
