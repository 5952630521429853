"""Reading what `strace -f -y` wrote: the system calls of each thread, in order."""

import re
from dataclasses import dataclass

CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)\s+= (?P<result>-?\d+).*")
RESUMED = re.compile(r"<\.\.\. \w+ resumed>(?P<rest>.*)")
UNFINISHED = " <unfinished ...>"
# long enough to show a whole page of the database, and with it what is committed
STRACE = ["strace", "-f", "-y", "-s", "6000", "-e", "signal=none", "-e"]
TRACED = "trace=write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,openat,mkdir,sendto,sendmsg,sendfile"


@dataclass(frozen=True)
class Call:
    """A system call that ended. ``result`` is what it gave back: bytes written, or a descriptor, or 0."""

    name: str
    arguments: str
    result: int

    def is_to(self, path):
        """Its first argument is a descriptor of this path."""
        named = re.match(r"\d+<(.*?)>(?:\(deleted\))?(?:,|$)", self.arguments)
        return named is not None and named[1] == str(path)

    def __str__(self):
        return f"{self.name}({self.arguments[:120]}…) = {self.result}"


def strace_into(path):
    """The command under which to start what is to be watched."""
    return [*STRACE, TRACED, "-o", str(path)]


def calls_by_thread(path):
    """Thread id → its Calls in the order in which they ended, which within one thread is the order in which they were made."""
    threads, begun = {}, {}
    with open(path, errors="replace") as lines:
        for line in lines:
            thread, _, text = line.rstrip("\n").partition(" ")
            text = text.strip()
            if text.endswith(UNFINISHED):
                begun[thread] = text.removesuffix(UNFINISHED)
                continue
            resumed = RESUMED.fullmatch(text)
            if resumed:
                text = begun.pop(thread) + resumed["rest"]
            call = CALL.fullmatch(text)
            if call:
                threads.setdefault(thread, []).append(Call(call["name"], call["arguments"], int(call["result"])))
    return threads
