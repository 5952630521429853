"""What a report's page offers of saved views."""

from django.db.models import Case, Value, When

from accounts.rights import Right
from reports.catalog import REPORTS, without_place
from reports.models import SavedView

MOST_IN_MENU = 12


def menu_of_views(table):
    """The report's views that the reader may open, their own first, and what is asked now, to be saved; None where no view
    can be saved."""
    if table.slug not in REPORTS or not table.reader.may(Right.READ_REPORTS):
        return None
    views = SavedView.objects.visible_to(table.reader).filter(report=table.slug)
    own_first = views.order_by(Case(When(owner=table.reader, then=Value(0)), default=Value(1)), "name", "pk")
    return {"saved": own_first[:MOST_IN_MENU], "query": without_place(table.query).urlencode()}
