from files.models.cabinets import Cabinet
from files.models.files import File, NameTaken, Note, NotServed, Opening, Version
from files.models.folder_sets import FolderSet, open_cabinet
from files.models.folders import Arrived, Folder
from files.models.links import Guest, LinkEnded, RequestLink
from files.models.moves import FolderInUse
from files.models.requests import Line, Request, RequestClosed, RequestedDocument
from files.models.retention import RetentionRule
from files.models.trees import IntoItself, NotInPlace
from files.models.uploads import Part, Upload

__all__ = [
    "Arrived",
    "Cabinet",
    "File",
    "Folder",
    "FolderInUse",
    "FolderSet",
    "Guest",
    "IntoItself",
    "Line",
    "LinkEnded",
    "NameTaken",
    "NotInPlace",
    "NotServed",
    "Note",
    "Opening",
    "Part",
    "Request",
    "RequestClosed",
    "RequestLink",
    "RequestedDocument",
    "RetentionRule",
    "Upload",
    "Version",
    "open_cabinet",
]
