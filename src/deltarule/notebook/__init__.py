"""HTML and SVG for notebooks: tables, drawings and curves of plain values, without scripts, in light and dark themes.

The classes of deltarule import these functions where a notebook asks for their ``_repr_html_``.
"""
