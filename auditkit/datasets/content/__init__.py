"""Content digests: what the rows of a table say, however its files are laid out.

The format is specified in `docs/formats/content-digest.md`.
"""
