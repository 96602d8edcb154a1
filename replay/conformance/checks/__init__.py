"""The checks, one family a file, in a package for each target."""
