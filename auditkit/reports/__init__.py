"""Evidence to a view to HTML, PDF and JSON. Rendering does no I/O."""
