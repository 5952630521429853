from files.models.cabinets import Cabinet, OnHold
from files.models.files import CurrentVersion, File, NameTaken, Note, NotServed, Opening, Version
from files.models.folder_sets import FolderSet, open_cabinet
from files.models.folders import Arrived, Folder
from files.models.housekeeping import HousekeepingRun
from files.models.links import Guest, LinkEnded, RequestLink
from files.models.moves import FolderInUse
from files.models.requests import Line, Request, RequestClosed, RequestedDocument
from files.models.retention import RetentionRule
from files.models.senders import Sender
from files.models.snapshots import Snapshot
from files.models.trees import IntoItself, NotInPlace
from files.models.uploads import Part, Upload, UploadEnded

__all__ = [
    "Arrived",
    "Cabinet",
    "CurrentVersion",
    "File",
    "Folder",
    "FolderInUse",
    "FolderSet",
    "Guest",
    "IntoItself",
    "Line",
    "LinkEnded",
    "HousekeepingRun",
    "NameTaken",
    "NotInPlace",
    "NotServed",
    "Note",
    "OnHold",
    "Opening",
    "Part",
    "Request",
    "RequestClosed",
    "RequestLink",
    "RequestedDocument",
    "RetentionRule",
    "Sender",
    "Snapshot",
    "Upload",
    "UploadEnded",
    "Version",
    "open_cabinet",
]
