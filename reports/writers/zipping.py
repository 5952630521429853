"""ZIP archives written as a stream, and read whole."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

# Level 3 takes half the time of the usual 6 for an archive about a tenth larger.
LEVEL = 3


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
    with ZipFile(sink, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, chunks in parts:
            with archive.open(name, "w") as part:
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
