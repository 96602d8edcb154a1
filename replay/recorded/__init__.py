"""Answers from recordings: what was asked there is answered as it was answered there."""
