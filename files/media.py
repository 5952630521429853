"""What a file is, by its name's ending: for the label and the icon. The bytes are never believed to be more than bytes."""

import mimetypes

OCTETS = "application/octet-stream"
# mimetypes asks the machine's own tables first; what the portal says must not depend on those
_TYPES = mimetypes.MimeTypes(filenames=())


def media_type_of(name):
    return _TYPES.guess_type(name)[0] or OCTETS


def icon_of(name):
    ending = name.rsplit(".", 1)[-1].lower()
    for icon, endings in ICONS.items():
        if ending in endings:
            return icon
    return "file"


def is_dense(name):
    """Whether the bytes are compressed already, so that to do it again costs time and gains nothing."""
    return name.rsplit(".", 1)[-1].lower() in DENSE


DENSE = {
    *("pdf", "png", "jpg", "jpeg", "gif", "webp", "heic", "mp3", "m4a", "mp4", "mov", "avi", "mkv"),
    *("xlsx", "xlsm", "docx", "pptx", "ods", "odt", "zip", "gz", "tgz", "bz2", "xz", "7z", "rar", "qbb", "qbw"),
}
ICONS = {
    "pdf": {"pdf"},
    "sheet": {"xlsx", "xls", "csv", "ods", "xlsm"},
    "image": {"png", "jpg", "jpeg", "gif", "heic", "webp", "tif", "tiff"},
    "zip": {"zip", "gz", "7z", "qbb", "qbw"},
}
