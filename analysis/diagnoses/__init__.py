"""One known failure a file: a module with a `DIAGNOSIS`, found by discovery."""
