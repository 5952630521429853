from urllib.parse import urlencode

from django import template
from django.db.models import Q
from django.urls import reverse

from accounts.rights import Right
from activity.models import Event

register = template.Library()

SHOWN = 10


@register.inclusion_tag("reports/_history.html", takes_context=True)
def history(context, thing):
    """The latest events about a client or a file that the reader may see, with the way to all of them."""
    reader, kind = context["request"].user, thing._meta.model_name
    events, all_events = Event.objects.visible_to(reader), None
    if kind == "client":
        events = events.filter(client_id=thing.pk)
        if reader.may(Right.READ_REPORTS):
            all_events = f"{reverse('file-activity')}?{urlencode({'client': thing.pk})}"
    elif kind == "user":
        events = events.filter(Q(actor_id=thing.pk) | Q(subject_type="user", subject_id=str(thing.pk)))
        if reader.is_administrator:
            all_events = f"{reverse('activity')}?{urlencode({'user': thing.pk})}"
    else:
        events = events.filter(subject_type=kind, subject_id=str(thing.pk))
        if kind == "file":
            all_events = reverse("file-history", args=[thing.pk])
    return {
        "events": events.newest_first()[:SHOWN],
        "all_events": all_events,
        "leads_to_files": all_events and kind != "file",
        "all_words": "Who opened it, and all else" if kind == "file" else "All of it",
        "reader": reader,
        "about": thing,
    }
