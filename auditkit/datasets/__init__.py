"""Data sets: where they are, what files they have, what tables say."""
