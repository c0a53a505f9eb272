"""Where evidence is kept: written whole or not at all, read with bounds."""
