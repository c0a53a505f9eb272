"""Measurements. Each module has a `measure()` that returns named figures; see README.md."""
