"""What each report is."""

from reports.tables.base import Column, Table
from reports.tables.log import ActivityLog, FileActivity
from reports.tables.roster import Roster
from reports.tables.usage import Usage, UsageByClient

__all__ = ["ActivityLog", "Column", "FileActivity", "Roster", "Table", "Usage", "UsageByClient"]
