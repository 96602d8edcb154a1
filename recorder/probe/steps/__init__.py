"""The steps of the probe, one a file; nothing keeps a list."""
