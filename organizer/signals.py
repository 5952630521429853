"""What happened in the Tax Organizer, in the shape of ``files.signals``. Subjects are Templates and Organizers."""

from django.dispatch import Signal

template_made = Signal()
template_changed = Signal()
template_published = Signal()
template_held = Signal()
template_discarded = Signal()
template_exported = Signal()

organizer_sent = Signal()
organizer_changed = Signal()
organizer_withdrawn = Signal()
organizer_reminded = Signal()
organizer_opened = Signal()
organizer_started = Signal()
section_saved = Signal()
organizer_submitted = Signal()
organizer_reopened = Signal()
organizer_reviewed = Signal()
organizer_sealed = Signal()
organizer_exported = Signal()
answers_marked = Signal()
secret_revealed = Signal()
