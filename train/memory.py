"""Keep freed memory for the next step instead of handing it back to the operating system.

A step allocates the same large tensors again and again.  By default glibc maps and unmaps each of them, and the kernel
clears every page anew: 140,000 page faults a step, as much time as the arithmetic on a virtual machine (see LOG.md).
"""

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # options of mallopt in malloc.h


def keep_freed() -> None:
    """Tell glibc to keep freed memory, and torch to ask for huge pages; elsewhere than on Linux do nothing."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read by torch at its first large allocation
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
