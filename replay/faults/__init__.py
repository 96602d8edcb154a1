"""The faults, one file each; the file's name is the fault's, and `FAULT` is what it declares."""
