"""Taking bytes out of the storage, once the rows that say so are committed."""

import logging
from functools import partial

from django.db import transaction

from files.storage import storage

logger = logging.getLogger(__name__)


def remove_when_committed(keys):
    """The objects are gone soon after the surrounding transaction commits, and all there if it does not. Where the storage
    does not answer, or the process dies, housekeeping finds them by their versions' ``removed_at``."""
    if keys:
        transaction.on_commit(partial(_remove, keys), robust=True)


def _remove(keys):
    try:
        storage().remove_all(keys)
    except OSError:
        logger.exception("Bytes that were deleted are still stored; housekeeping removes them")
