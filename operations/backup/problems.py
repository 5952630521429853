"""Why a backup is not made, or not put back."""


class Refused(Exception):
    """What stands in the way, in words that say what to do."""


class NotOpened(Refused):
    """The passphrase or the key does not open the backup."""


class Damaged(Refused):
    """Parts of a set are not as they were written; ``parts`` names each."""

    def __init__(self, parts):
        self.parts = list(parts)
        super().__init__("; ".join(self.parts))
