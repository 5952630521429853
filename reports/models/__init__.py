from reports.models.runs import Piece, Run
from reports.models.saved_views import NameTaken, SavedView
from reports.models.schedules import Schedule

__all__ = ["NameTaken", "Piece", "Run", "SavedView", "Schedule"]
