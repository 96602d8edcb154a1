"""What holds for all tests: no generated example is too slow, whatever machine runs it."""

from hypothesis import settings

settings.register_profile("wiretape", deadline=None)
settings.load_profile("wiretape")
