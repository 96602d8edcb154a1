"""One extractor a file: a module with an `EXTRACTOR`, found by discovery."""
