"""Who may read what a command makes."""

import os
from contextlib import contextmanager


@contextmanager
def umask(mask):
    """Files and folders that are made meanwhile have no permission of the mask. Also a decorator; it is for a whole process, so
    for its commands alone."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
