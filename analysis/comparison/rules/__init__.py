"""One rule a file: a module with a `RULE`, found by discovery."""
