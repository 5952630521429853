"""What each report is."""

from reports.tables.access import Access
from reports.tables.base import Column, Table
from reports.tables.history import FileHistory, Trail
from reports.tables.log import ActivityLog, FileActivity
from reports.tables.roster import Roster
from reports.tables.sign_ins import SignIns
from reports.tables.usage import Usage, UsageByClient

__all__ = [
    "Access",
    "ActivityLog",
    "Column",
    "FileActivity",
    "FileHistory",
    "Roster",
    "SignIns",
    "Table",
    "Trail",
    "Usage",
    "UsageByClient",
]
