"""Data tracked by DVC, read without DVC: its files are parsed, and the bytes are hashed."""
