"""The numbered steps: small checks that return findings, and the engine that orders them."""
