"""Read by every Python that starts under a wrong clock.

Debian's faketime (0.9.10) and the monotonic clock: shifted, Python waits at locks for as long as
the shift; left alone, `time.sleep` fails with EINVAL. So it is left alone, and sleeps are waits.
"""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = sleep
