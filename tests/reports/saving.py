"""Saved views, made as the page makes them."""

from reports.catalog import REPORTS
from reports.models import SavedView


def saved(owner, name="What was sent", report="file-activity", query="action=files.uploaded", **fields):
    """A view in its owner's list."""
    words = REPORTS[report].as_seen_by(owner, query).filter.sentence
    view = SavedView(owner=owner, name=name, report=report, query=query, words=words, **fields)
    view.keep()
    return view
