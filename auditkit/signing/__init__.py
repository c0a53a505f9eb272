"""Signers and public keys: bytes to signatures and back to trust."""
