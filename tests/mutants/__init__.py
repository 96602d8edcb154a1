"""Broken variants of the reference systems, by which the conformance suite is itself tested.

Each replaces one function or method of a reference system before that starts. The suite has to
notice: the check that it is for fails, and no other but those closely related.

- `mistake`: what a variant is, and how it is declared and found
- `bridge`, `client`, `gateway`, `server`: the variants of each system, one file for each area
- `production`: what went wrong with real ones; each of these has a variant
- `trying`: runs the suite against a system, broken or not
- `matrix`: all variants against all checks; `make mutants` prints it
"""
