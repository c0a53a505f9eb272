"""Whom the verifier trusts: keys given by flag, environment, configuration."""
