"""The filters of what is told of one file, and of what a client's people are told."""

from django_filters import ChoiceFilter

from activity.actions import Action
from reports.filters.log import FileLogFilter

OF_CLIENTS = [  # what they do, and what is done with what is theirs
    Action.SIGNED_IN,
    Action.SIGN_IN_FAILED,
    Action.SIGNED_OUT,
    Action.PASSWORD_CHANGED,
    Action.FILE_UPLOADED,
    Action.VERSION_UPLOADED,
    Action.FILE_DOWNLOADED,
    Action.FILE_PREVIEWED,
    Action.FILE_RENAMED,
    Action.FILE_MOVED,
    Action.FILE_BINNED,
    Action.FILE_RESTORED,
    Action.DOCUMENT_RECEIVED,
    Action.DOCUMENT_DECLINED,
]


class HistoryFilter(FileLogFilter):
    """Of one file: who, what and when."""

    client = ip = q = None


class TrailFilter(HistoryFilter):
    """Of a client's people: who, what and when. Not from where, which would tell of the firm's people as well."""

    action = ChoiceFilter(
        choices=lambda: [(action.value, action.label) for action in OF_CLIENTS],
        label="Action",
        empty_label="All actions",
    )
