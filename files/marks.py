"""What a list says of each file to whoever looks: New, or whether the client has fetched it. From kept state, for all at once."""

from enum import StrEnum

from files.models import Cabinet, Opening


class Mark(StrEnum):
    NEW = "new"  # sent by the other side since the reader joined, and not yet opened by the reader
    WAITING = "waiting"  # the firm sent it, and none of the client's people has fetched it
    FETCHED = "fetched"  # the firm sent it, and one of them has


def mark(files, *, reader):
    """Each of ``files`` has its ``mark`` for the reader, or None. They have ``current__by`` and ``folder__cabinet`` at hand.
    One query."""
    files = list(files)
    marked = [file for file in files if _is_marked(file)]
    opened = set(
        Opening.objects.filter(user=reader, version__in=[file.current_id for file in marked]).values_list(
            "version_id", flat=True
        )
    )
    for file in files:
        file.mark = None
    for file in marked:
        file.mark = _mark_of(file.current, reader, file.current_id in opened)
    return files


def _is_marked(file):
    return file.binned_at is None and file.folder.cabinet.kind == Cabinet.Kind.CLIENT and file.current.is_served


def _mark_of(version, reader, is_opened):
    is_of_client = version.link_id is not None or version.by.is_client_user
    if is_of_client != reader.is_client_user:
        is_new = not is_opened and version.at > (reader.joined_at or reader.created_at)
        return Mark.NEW if is_new else None
    if reader.is_client_user:
        return None
    return Mark.FETCHED if version.client_downloaded_at else Mark.WAITING
