from reports.filters.log import FileLogFilter, LogFilter
from reports.filters.roster import RosterFilter
from reports.filters.usage import UsageByClientFilter, UsageFilter

__all__ = ["FileLogFilter", "LogFilter", "RosterFilter", "UsageByClientFilter", "UsageFilter"]
