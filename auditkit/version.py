"""The version of this package, which every manifest, verdict and report names."""

__version__ = "0.1.0"
