from organizer.models.answers import Answer, Attachment, Change, Entry, Mark
from organizer.models.following import Marked, WrongOrder
from organizer.models.organizers import Conflict, Given, GroupFull, NotWithClient, Organizer, StillMissing
from organizer.models.sendings import Sending
from organizer.models.templates import ChangedMeanwhile, NotADraft, Template, TemplateVersion, Unfinished
from organizer.models.visits import Visit

__all__ = [
    "Answer",
    "Attachment",
    "Change",
    "ChangedMeanwhile",
    "Conflict",
    "Entry",
    "Given",
    "GroupFull",
    "Mark",
    "Marked",
    "NotADraft",
    "NotWithClient",
    "Organizer",
    "Sending",
    "StillMissing",
    "Template",
    "TemplateVersion",
    "Unfinished",
    "Visit",
    "WrongOrder",
]
