"""ZIP archives written as a stream, and read whole."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

from isal import isal_zlib

LEVEL = 2  # of ISA-L's 0 to 3: a fifth of the time of zlib's own level 3, for an archive a little smaller


class _Sink:
    """A file that can only be written to: ZipFile then puts the size of a part after it."""

    def __init__(self):
        self._pieces = []

    def write(self, data):
        self._pieces.append(data)
        return len(data)

    def flush(self):
        pass

    def take(self):
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def zipped(parts):
    """The bytes of an archive of `parts`, (name, chunks of bytes): a piece for each chunk, perhaps an empty
    one, and the central directory last. If a chunk raises, or the reader leaves, that is never handed out.

    The parts do without ZIP64, since Excel takes a streamed part that has it for damaged
    (https://rzymek.github.io/post/excel-zip64/). Raises RuntimeError if one reaches 2 GiB.
    """
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, chunks in parts:
            with archive.open(name, "w") as part:
                # ZipFile cannot be told which: one that no longer looked here would write the same with zlib, slower
                part._compressor = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)
                for chunk in chunks:
                    part.write(chunk)
                    yield sink.take()
    yield sink.take()


def unzipped(save):
    """The parts of an archive as {name: bytes}, where `save` writes it to a file object."""
    buffer = io.BytesIO()
    save(buffer)
    with ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
