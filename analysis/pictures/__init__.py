"""Observers of what pictures show, one a file."""
