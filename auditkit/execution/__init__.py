"""Work spread over workers, and the progress it reports."""
