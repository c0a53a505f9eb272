"""Tables of Delta Lake: one version of one, read from the very bytes that are hashed.

Source: Delta Transaction Log Protocol (github.com/delta-io/delta, PROTOCOL.md).
"""
