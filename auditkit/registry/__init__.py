"""An append-only log over evidence, in a store: what was recorded cannot be dropped unseen."""
