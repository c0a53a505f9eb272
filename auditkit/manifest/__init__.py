"""The signed record of a run, pure: bytes in, bytes out.

`model` are the types, `codec` reads and writes them, `dsse` and `bundle` carry the signature.
"""
