"""Where the bytes lie: a folder or an S3 bucket, behind one interface.

stage() → a Staged, written chunk by chunk, that nobody can read yet; keep() makes it an object under a random key, safely
on disk; drop() leaves nothing. open(key, start, length) → the bytes of a range.
"""

import hashlib
import logging
import os
import shutil
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from files.parts import PartsInBucket, PartsInFolder, StorageUnavailable, object_name, sync_folder

logger = logging.getLogger(__name__)

READ_SIZE = 256 * 1024
LINK_SECONDS = 60
HASTY_SECONDS = 2
MOST_AT_ONCE = 1_000  # objects that a bucket deletes in one call


class StorageFull(OSError):
    """There is no room for these bytes."""


@cache
def storage():
    return storage_at(settings.STORAGE)


def storage_at(where):
    """The storage in a folder or bucket, of a StorageUrl."""
    return (
        FolderStorage(where.folder)
        if where.kind == "folder"
        else BucketStorage(where.bucket, where.endpoint, where.region)
    )


class Staged:
    """Bytes on their way in. ``size_bytes`` and ``sha256`` are those of what was written so far."""

    def __init__(self, key=None):
        self.key = key or uuid.uuid4().hex
        self.size_bytes = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self):
        return self._digest.hexdigest()

    def write(self, chunk):
        self._write(chunk)
        self.size_bytes += len(chunk)
        self._digest.update(chunk)


class FolderStorage(PartsInFolder):
    """``objects/ab/<key>``, ``staging/<key>`` and ``lost+found/<key>`` below one folder of one file system."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.objects, self.staging, self.lost = (self.folder / name for name in ("objects", "staging", "lost+found"))

    def prepare(self):
        """The folders are there. nginx, in the portal's group, comes to the objects, and to nothing else."""
        for folder, mode in ((self.folder, 0o750), (self.objects, 0o750), (self.staging, 0o700), (self.lost, 0o700)):
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(mode)  # whatever the umask
            sync_folder(folder.parent)

    def check(self):
        """Raises OSError where a file could not be received."""
        if not os.access(self.staging, os.W_OK):
            raise StorageUnavailable(f"{self.staging} cannot be written to")

    def answers(self):
        """As ``check``, for a page that cannot wait: whatever does not answer within seconds does not answer."""
        self.check()

    def free_bytes(self):
        return shutil.disk_usage(self.folder).free

    def stage(self, key=None):
        """Where another storage has the object, it gets the same ``key``; what an interrupted copy of it left is gone."""
        if key:
            (self.staging / key).unlink(missing_ok=True)
        return StagedInFolder(self, key)

    def path(self, key):
        return self.objects / key[:2] / key

    def size(self, key):
        return self.path(key).stat().st_size

    def served_as(self, key):
        """Where nginx finds the bytes: the internal location of deploy/nginx.conf."""
        return f"/protected/{key[:2]}/{key}"

    def open(self, key, start=0, length=None):
        """A file-like object over ``length`` bytes from ``start``; a server may send it by sendfile."""
        file = open(self.path(key), "rb", buffering=0)
        file.seek(start)
        return FileSlice(file, self.size(key) - start if length is None else length)

    def copy(self, key):
        """The same bytes under a key of their own, which is returned. Objects never change, so both names may share them."""
        copy = uuid.uuid4().hex
        target = self.path(copy)
        target.parent.mkdir(exist_ok=True)
        sync_folder(self.objects)
        os.utime(self.path(key))  # both names share the time that the sweeper goes by: a fresh copy is not yet known
        os.link(self.path(key), target)
        sync_folder(target.parent)
        return copy

    def remove(self, key):
        """The bytes are gone, for good. None there is no error: whoever was interrupted does it again."""
        self.path(key).unlink(missing_ok=True)

    def remove_all(self, keys):
        for key in keys:
            self.remove(key)

    def stored(self):
        """Every key and the time, in seconds, of its last change."""
        for path in self.objects.glob("??/*"):
            with suppress(FileNotFoundError):  # removed since it was listed
                # not of its bytes: a copy shares those with an original that may be years old
                yield path.name, path.stat().st_ctime

    def listed(self, prefix):
        """(key, bytes, seconds of its last change) of each object whose key begins with these two letters."""
        folder = self.objects / prefix
        for entry in os.scandir(folder) if folder.is_dir() else ():
            with suppress(FileNotFoundError):
                found = entry.stat()
                yield entry.name, found.st_size, found.st_ctime

    def staged(self):
        """(key, seconds of its last change) of what is on its way in."""
        for path in self.staging.iterdir():
            with suppress(FileNotFoundError):
                yield path.name, path.stat().st_mtime

    def set_aside(self, key):
        """The object is in lost+found."""
        os.replace(self.path(key), self.lost / key)

    def publish(self, key):
        """What is in staging, and synced, is an object, and stays one whatever happens to the machine."""
        target = self.path(key)
        target.parent.mkdir(exist_ok=True)
        # always: another upload may have made the folder a moment ago and not have synced it yet
        sync_folder(self.objects)
        os.rename(self.staging / key, target)
        sync_folder(target.parent)
        sync_folder(self.staging)

    def sweep_staging(self, older_than, *, but=frozenset()):
        """What was never finished and is older than this moment (seconds since the epoch) is gone, but not the keys that
        somebody may still go on with; returns how many."""
        old = [path for path in self.staging.iterdir() if path.name not in but and path.stat().st_mtime < older_than]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


class StagedInFolder(Staged):
    def __init__(self, store, key=None):
        super().__init__(key)
        self._store = store
        self._path = store.staging / self.key
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)

    def _write(self, chunk):
        view = memoryview(chunk)
        while view:  # a write may be short, above all on a disk that is filling up
            view = view[os.write(self._descriptor, view) :]

    def reopen(self):
        """All that was written, safely on the disk, to be looked at before it is kept."""
        os.fsync(self._descriptor)
        return open(self._path, "rb")

    def keep(self):
        """The bytes are on the disk under their key, and stay there whatever happens to the machine."""
        os.fsync(self._descriptor)
        self._close()
        self._store.publish(self.key)

    def drop(self):
        """Nothing is left of bytes that were not kept."""
        self._close()
        self._path.unlink(missing_ok=True)

    def _close(self):
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class BucketStorage(PartsInBucket):
    """Objects of an S3 bucket, sent by multipart upload: nobody sees one before it is complete.

    django-storages keeps the connection of each thread; its own file object has no way to abort, so parts are sent here.
    """

    PART_BYTES = 8 * 1024**2

    def __init__(self, bucket, endpoint, region):
        self.bucket = bucket
        where = {"bucket_name": bucket, "endpoint_url": endpoint or None, "region_name": region}
        patient = {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 3, "mode": "standard"}}
        hasty = {
            "connect_timeout": HASTY_SECONDS,
            "read_timeout": HASTY_SECONDS,
            "retries": {"total_max_attempts": 1, "mode": "standard"},
        }
        self._store, self._hasty = (
            S3Storage(
                **where,
                client_config=Config(
                    signature_version="s3v4",
                    s3={"addressing_style": "path"},
                    max_pool_connections=64,
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    **patience,
                ),
            )
            for patience in (patient, hasty)
        )

    @property
    def client(self):
        return self._store.connection.meta.client

    def prepare(self):
        """The bucket is there. Raises StorageUnavailable."""
        try:
            if self.bucket not in [bucket["Name"] for bucket in self.client.list_buckets()["Buckets"]]:
                self.client.create_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError) as problem:
            raise StorageUnavailable(f"The bucket {self.bucket} cannot be reached: {problem}") from problem
        self._open_to_browsers()

    def _open_to_browsers(self):
        """Browsers at the portal's address may send parts to the bucket. A store that does not let it be set may allow it
        by itself, so that this is no reason not to start."""
        rule = {
            "AllowedOrigins": [settings.BASE_URL.origin],
            "AllowedMethods": ["PUT", "GET", "HEAD"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
        try:
            self.client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [rule]})
        except (BotoCoreError, ClientError) as problem:
            logger.warning(
                "The bucket %s does not take a CORS rule (%s): allow PUT, GET and HEAD from %s there by hand.",
                self.bucket,
                problem,
                settings.BASE_URL.origin,
            )

    def check(self):
        self._call("head_bucket")

    def date(self):
        """The store's own time, as HTTP writes it."""
        return self._call("head_bucket")["ResponseMetadata"]["HTTPHeaders"].get("date", "")

    def answers(self):
        try:
            self._hasty.connection.meta.client.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError) as problem:
            raise StorageUnavailable(f"head_bucket: {problem}") from problem

    def free_bytes(self):
        """A bucket has no known end."""
        return

    def stage(self, key=None):
        """As in a folder. What an interrupted copy left is invisible, and aborted by the sweep after a day."""
        return StagedInBucket(self, key)

    def size(self, key):
        return self._call("head_object", Key=object_name(key))["ContentLength"]

    def etag(self, key):
        """As the store itself sends it: what a download that is resumed there is compared with."""
        return self._call("head_object", Key=object_name(key))["ETag"]

    def link(self, key, disposition):
        """An address that gives the bytes, as nothing but bytes, to whoever has it, for a minute."""
        asked = {
            "Bucket": self.bucket,
            "Key": object_name(key),
            "ResponseContentDisposition": disposition,
            "ResponseContentType": "application/octet-stream",
            "ResponseCacheControl": "private, no-store",
        }
        return self.client.generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)

    def open(self, key, start=0, length=None):
        size = self.size(key)
        length = size - start if length is None else length
        if not length:
            return FileSlice(None, 0)
        body = self._call("get_object", Key=object_name(key), Range=f"bytes={start}-{start + length - 1}")["Body"]
        return FileSlice(body, length)

    def copy(self, key):
        copy = uuid.uuid4().hex
        try:
            self.client.copy({"Bucket": self.bucket, "Key": object_name(key)}, self.bucket, object_name(copy))
        except (BotoCoreError, ClientError) as problem:
            raise StorageUnavailable(f"copy: {problem}") from problem
        return copy

    def remove(self, key):
        self._call("delete_object", Key=object_name(key))

    def remove_all(self, keys):
        for start in range(0, len(keys), MOST_AT_ONCE):
            objects = [{"Key": object_name(key)} for key in keys[start : start + MOST_AT_ONCE]]
            answer = self._call("delete_objects", Delete={"Objects": objects, "Quiet": True})
            if answer.get("Errors"):
                raise StorageUnavailable(f"delete_objects: {answer['Errors'][0]}")

    def listed(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"objects/{prefix}/")
        try:
            for page in pages:
                for item in page.get("Contents", ()):
                    yield item["Key"].rsplit("/", 1)[1], item["Size"], item["LastModified"].timestamp()
        except (BotoCoreError, ClientError) as problem:
            raise StorageUnavailable(f"list_objects_v2: {problem}") from problem

    def staged(self):
        for upload in self._call("list_multipart_uploads").get("Uploads", ()):
            yield upload["Key"].rsplit("/", 1)[1], upload["Initiated"].timestamp()

    def stored(self):
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="objects/"):
            for item in page.get("Contents", ()):
                yield item["Key"].rsplit("/", 1)[1], item["LastModified"].timestamp()

    def set_aside(self, key):
        source = {"Bucket": self.bucket, "Key": object_name(key)}
        self.client.copy(source, self.bucket, f"lost+found/{key}")
        self._call("delete_object", Key=object_name(key))

    def sweep_staging(self, older_than, *, but=frozenset()):
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket)
        uploads = [upload for page in pages for upload in page.get("Uploads", ())]
        old = [
            upload
            for upload in uploads
            if upload["Key"].rsplit("/", 1)[1] not in but and upload["Initiated"].timestamp() < older_than
        ]
        for upload in old:
            self._call("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
        return len(old)

    def _call(self, method, **arguments):
        try:
            return getattr(self.client, method)(Bucket=self.bucket, **arguments)
        except (BotoCoreError, ClientError) as problem:
            raise StorageUnavailable(f"{method}: {problem}") from problem


class StagedInBucket(Staged):
    def __init__(self, store, key=None):
        super().__init__(key)
        self._store = store
        self._buffer = bytearray()
        self._parts = []
        self._id = store._call("create_multipart_upload", Key=object_name(self.key))["UploadId"]

    def _write(self, chunk):
        self._buffer += chunk
        if len(self._buffer) >= BucketStorage.PART_BYTES:
            self._send_part()

    def _send_part(self):
        number = len(self._parts) + 1
        answer = self._store._call(
            "upload_part", Key=object_name(self.key), UploadId=self._id, PartNumber=number, Body=bytes(self._buffer)
        )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._buffer.clear()

    def reopen(self):
        """A bucket shows nothing before it is whole."""
        return

    def keep(self):
        """The object stands in the bucket with the length that was sent."""
        if self._buffer or not self._parts:
            self._send_part()
        self._store._call(
            "complete_multipart_upload",
            Key=object_name(self.key),
            UploadId=self._id,
            MultipartUpload={"Parts": self._parts},
        )
        self._id = None
        size = self._store.size(self.key)
        if size != self.size_bytes:
            raise StorageUnavailable(f"The bucket kept {size} of {self.size_bytes} bytes")

    def drop(self):
        if self._id is not None:
            self._store._call("abort_multipart_upload", Key=object_name(self.key), UploadId=self._id)
            self._id = None


class FileSlice:
    """At most ``length`` bytes of an open file or body, from where it stands."""

    def __init__(self, source, length):
        self._source = source
        self.left = length

    def read(self, size=-1):
        size = self.left if size is None or size < 0 else min(size, self.left)
        data = self._source.read(size) if size else b""
        self.left -= len(data)
        return data

    def __iter__(self):
        while chunk := self.read(READ_SIZE):
            yield chunk

    def fileno(self):
        return self._source.fileno()

    def close(self):
        if self._source is not None:
            self._source.close()
