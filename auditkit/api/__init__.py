"""One file per verb; the Python interface, and what the command line is a thin layer over."""
