"""The documentation site: ``make docs`` builds it; every warning is an error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "deltarule"
copyright = "the deltarule developers"
html_title = "deltarule"
extensions = [
    "myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode",
    "book_pages", "command_pages", "mathml", "notebook_pages", "reference_pages", "source_pages",
]  # fmt: skip
exclude_patterns = ["extensions", "**/.ipynb_checkpoints"]
nitpicky = True

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_numpy_docstring = False
add_module_names = False
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True

html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_show_search_summary = False  # a page that is opened as a file cannot fetch the others
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
