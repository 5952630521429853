"""A file that comes in numbered parts, in either store. Parts can be repeated, sent at once, and wait for days.

A folder has one staging file, to which each part is written at its offset: whoever writes holds a shared lock on it, who
completes it an exclusive one, so that no late part changes bytes that were read. The kernel takes the locks from a
process that is killed. A bucket has its own multipart upload, to which the browser sends the parts itself.
"""

import fcntl
import os
import uuid
from contextlib import contextmanager, suppress

URL_SECONDS = 900


class StillArriving(Exception):
    """A part is being written, or somebody else is completing the upload."""


class BytesMissing(Exception):
    """The store does not hold what the upload should have brought."""


class StorageUnavailable(OSError):
    """The store does not answer, or refuses."""


def write_at(descriptor, data, offset):
    """All of it is written; a write may be short, above all on a disk that is filling up."""
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, offset)
        view, offset = view[count:], offset + count


class PartsInFolder:
    """Part of FolderStorage."""

    where = "portal"

    def begin_parts(self):
        """(key, "") of a staging file that stands."""
        key = uuid.uuid4().hex
        os.close(os.open(self.staging / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640))
        sync_folder(self.staging)
        return key, ""

    def drop_parts(self, key, storage_id=""):
        """Nothing is left in staging; an object that was made of it stays."""
        (self.staging / key).unlink(missing_ok=True)

    def holds_parts(self, key):
        return (self.staging / key).exists()

    @contextmanager
    def open_to_parts(self, key):
        """A descriptor to write parts with, while nobody completes the upload. Raises StillArriving, BytesMissing."""
        descriptor = self._locked(key, fcntl.LOCK_SH)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def closed_to_parts(self, key):
        """The staging file, or the object where it is that already, while no part can be written: Whole. Raises as above."""
        try:
            descriptor = self._locked(key, fcntl.LOCK_EX)
        except BytesMissing:
            try:
                descriptor = os.open(
                    self.path(key), os.O_RDONLY
                )  # whoever renamed it was interrupted before the commit
            except FileNotFoundError as problem:
                raise BytesMissing(key) from problem
            is_kept = True
        else:
            is_kept = False
        with os.fdopen(descriptor, "rb", buffering=0) as source:
            yield WholeInFolder(self, key, source, is_kept)

    def _locked(self, key, lock):
        path = self.staging / key
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError as problem:
            raise BytesMissing(key) from problem
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
            if os.stat(path).st_ino != os.fstat(descriptor).st_ino:
                raise BytesMissing(key)
        except BaseException as problem:
            os.close(descriptor)
            if isinstance(problem, BlockingIOError):
                raise StillArriving(key) from problem
            if isinstance(problem, FileNotFoundError):  # completed between the two steps
                raise BytesMissing(key) from problem
            raise
        return descriptor


class WholeInFolder:
    """An upload's bytes that no part can change any more."""

    def __init__(self, store, key, source, is_kept):
        self._store, self._key = store, key
        self.source, self.is_kept = source, is_kept
        self.size_bytes = os.fstat(source.fileno()).st_size

    def keep(self):
        """The bytes are on the disk under their key, and stay there whatever happens to the machine."""
        os.fsync(self.source.fileno())
        if not self.is_kept:
            self._store.publish(self._key)


class PartsInBucket:
    """Part of BucketStorage."""

    where = "store"

    def begin_parts(self):
        """(key, the store's own name) of a multipart upload that has begun."""
        key = uuid.uuid4().hex
        return key, self._call("create_multipart_upload", Key=object_name(key))["UploadId"]

    def drop_parts(self, key, storage_id=""):
        """No part is left; an object that was made of them stays."""
        try:
            self._call("abort_multipart_upload", Key=object_name(key), UploadId=storage_id)
        except StorageUnavailable as problem:
            if code_of(problem) != "NoSuchUpload":
                raise

    def part_url(self, key, storage_id, number, length):
        """The address to which the browser may PUT this part, of exactly this length, for URL_SECONDS."""
        return self.client.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self.bucket,
                "Key": object_name(key),
                "UploadId": storage_id,
                "PartNumber": number,
                "ContentLength": length,
            },
            ExpiresIn=URL_SECONDS,
        )

    def parts_of(self, key, storage_id):
        """{number: (etag, size)} of the newest of each number; None where the store knows no such upload (any more)."""
        found, marker = {}, 0
        while True:
            try:
                page = self._call("list_parts", Key=object_name(key), UploadId=storage_id, PartNumberMarker=marker)
            except StorageUnavailable as problem:
                if code_of(problem) == "NoSuchUpload":
                    return None
                raise
            for part in sorted(page.get("Parts", ()), key=lambda part: part["LastModified"]):
                found[part["PartNumber"]] = part["ETag"], part["Size"]
            if not page.get("IsTruncated"):
                return found
            marker = page["NextPartNumberMarker"]

    def keep_parts(self, key, storage_id, parts, size_bytes):
        """The object stands in the bucket with this size, also when somebody completed it before. Raises BytesMissing."""
        if not size_bytes:
            self._call("put_object", Key=object_name(key), Body=b"")
            with suppress(StorageUnavailable):
                self.drop_parts(key, storage_id)
        elif parts is not None:
            listed = [{"PartNumber": number, "ETag": parts[number][0]} for number in sorted(parts)]
            try:
                self._call(
                    "complete_multipart_upload",
                    Key=object_name(key),
                    UploadId=storage_id,
                    MultipartUpload={"Parts": listed},
                )
            except StorageUnavailable as problem:
                if code_of(problem) != "NoSuchUpload":
                    raise
        kept = self.size_or_none(key)
        if kept != size_bytes:
            raise BytesMissing(f"the bucket kept {kept} of {size_bytes} bytes")

    def size_or_none(self, key):
        """Of the object; None where there is none."""
        try:
            return self.size(key)
        except StorageUnavailable as problem:
            if code_of(problem) in ("404", "NoSuchKey"):
                return None
            raise


def code_of(problem):
    """What the store itself calls its refusal; empty where it did not answer."""
    return getattr(problem.__cause__, "response", {}).get("Error", {}).get("Code", "")


def object_name(key):
    return f"objects/{key[:2]}/{key}"


def sync_folder(path):
    """The folder's own entries are on the disk: without it a rename may be lost with the machine's power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
