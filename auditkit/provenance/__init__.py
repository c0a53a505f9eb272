"""What ran and where: code, environment, CI job, wrapped command."""
