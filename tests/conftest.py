"""What holds for all tests, whatever machine and shell run them.

No generated example is too slow. A terminal's hang-up is not ignored, as it is below nohup: the
processes that tests start inherit that.
"""

import signal

from hypothesis import settings

settings.register_profile("wiretape", deadline=None)
settings.load_profile("wiretape")

signal.signal(signal.SIGHUP, signal.SIG_DFL)
