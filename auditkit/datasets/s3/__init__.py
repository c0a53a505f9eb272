"""Data sets in buckets: which objects there are, in which versions, and their bytes."""
