"""A recorded service brought back to life, and systems tested against it."""
