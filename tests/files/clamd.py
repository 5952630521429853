"""A scanner that does as it is told: it speaks clamd's protocol on a real socket, for the faults that clamd itself has not."""

import socket
import struct
import threading
from contextlib import suppress

MARK, SEALED = b"THIS-IS-THE-MARK", b"THIS-IS-SEALED"


class Clamd:
    """Answers what ``reply(content)`` says; None: it hangs up. ``stop()`` and ``start()`` as often as one likes."""

    def __init__(self):
        self.port, self.seen, self.reply, self._listening = 0, [], self.usual, None

    @staticmethod
    def usual(content):
        if MARK in content:
            return b"stream: Test.Mark FOUND\0"
        return b"stream: Heuristics.Encrypted.Zip FOUND\0" if SEALED in content else b"stream: OK\0"

    def start(self):
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()

    def stop(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self, listening):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(EOFError), connection, connection.makefile("rb") as sent:
                self._answer(connection, sent)

    def _answer(self, connection, sent):
        command = b""
        while not command.endswith(b"\0"):
            command += _read(sent, 1)
        if command == b"zVERSION\0":
            connection.sendall(b"ClamAV 1.4.3/27400/Mon Sep 16 08:30:00 2024\0")
            return
        assert command == b"zINSTREAM\0"
        content = b""
        while (length := struct.unpack("!L", _read(sent, 4))[0]) > 0:
            content += _read(sent, length)
        self.seen.append(content)
        if (reply := self.reply(content)) is not None:
            connection.sendall(reply)


def _read(sent, count):
    """So many bytes. Raises EOFError where whoever asks hangs up before."""
    content = sent.read(count)
    if len(content) < count:
        raise EOFError
    return content
