"""A process that dies with the one that started it (Linux), however that one ends: a SIGKILL leaves no orphan."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel send this process SIGTERM when the thread that started it ends.

    `parent` is the process id that the caller believes to be its parent; when it is given and no longer true, the
    parent died before this call and the process ends at once. The setting survives `exec` and is not inherited.
    Raises OSError when the kernel refuses; does nothing on systems other than Linux.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
