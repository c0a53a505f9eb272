"""Builds the documentation: `make docs`."""

from auditkit import __version__

project = "auditkit"
author = "the auditkit authors"
version = release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
nitpicky = True

myst_heading_anchors = 3

html_theme = "furo"
html_title = f"auditkit {__version__}"
html_copy_source = False
html_show_sphinx = False
