"""What a check found, in words that somebody who has just installed the portal understands."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "OK"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line: how it stands, and, where it is not as it should be, what to do."""

    level: Level
    words: str
    title: str = ""  # of the check that found it

    @property
    def is_ok(self):
        return self.level == Level.OK

    @property
    def is_wrong(self):
        return self.level == Level.WRONG


def ok(words):
    return Finding(Level.OK, words)


def warning(words):
    return Finding(Level.WARNING, words)


def wrong(words):
    return Finding(Level.WRONG, words)


def first_line(problem):
    """What an error says, in one line; its kind where it says nothing."""
    words = str(problem).strip().partition("\n")[0]
    return words or type(problem).__name__
