from files.models.cabinets import Cabinet, open_cabinet
from files.models.files import File, NameTaken, Note, Opening, Version
from files.models.folders import Arrived, Folder, FolderSet
from files.models.requests import Guest, Request, RequestedDocument, RequestLink
from files.models.retention import RetentionRule
from files.models.uploads import Part, Upload

__all__ = [
    "Arrived",
    "Cabinet",
    "File",
    "Folder",
    "FolderSet",
    "Guest",
    "NameTaken",
    "Note",
    "Opening",
    "Part",
    "Request",
    "RequestLink",
    "RequestedDocument",
    "RetentionRule",
    "Upload",
    "Version",
    "open_cabinet",
]
