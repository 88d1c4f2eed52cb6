from .dataset import build_font_set as build_font_set
from .fonts import find_fonts as find_fonts
from .fonts import is_held_out as is_held_out
from .glyphs import draw_glyphs as draw_glyphs
