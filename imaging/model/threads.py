"""How the threads of torch wait for each other."""

from __future__ import annotations

import os


def let_threads_sleep() -> None:
    """Let torch's threads sleep after a short wait; a command does so before it loads torch.

    By default they wait in a busy loop, which makes training ten times slower as soon as another
    program needs a core. (GOMP_SPINCOUNT in libgomp's manual; a value that is set stays)
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
