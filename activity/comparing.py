"""A file that somebody brings to have it compared: read for its SHA-256 as it comes, and not kept."""

import hashlib

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from accounts.connections import release_connection
from files.uploads import give_up_on_stalled


class DigestHandler(FileUploadHandler):
    """Reads the form's file for its SHA-256 and keeps nothing of it. ``sha256`` is empty where there was none."""

    chunk_size = 1024**2
    most_bytes = 256 * 1024**2  # of a file that a stranger has us read; of a larger one, its SHA-256 is enough

    def __init__(self, request):
        super().__init__(request)
        self.sha256, self.is_too_large = "", False
        self._digest, self._count = None, 0

    @classmethod
    def of(cls, request):
        """The handler that reads the request's file. A body that is longer than a file may be is not read at all."""
        handler = cls(request)
        handler.is_refused = int(request.META.get("CONTENT_LENGTH") or 0) > cls.most_bytes + 1024**2
        if not handler.is_refused:
            request.upload_handlers = [handler]
            give_up_on_stalled(request)
            release_connection()
        return handler

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self._digest, self._count = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data, start):
        self._count += len(raw_data)
        if self._count > self.most_bytes:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        self._digest.update(raw_data)

    def file_complete(self, file_size):
        self.sha256 = self._digest.hexdigest()
