"""What opens a backup, from the command line: a passphrase, by a file or the environment, or a secret key in a file."""

from pathlib import Path

from django.conf import settings

from operations.backup.problems import Refused
from operations.backup.sealing import identities_in, opened_by_passphrase


def add_keys(parser):
    """The options that ``identities`` takes."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--passphrase-file", type=Path, metavar="FILE", help="else BACKUP_PASSPHRASE")
    how.add_argument(
        "--identity-file", type=Path, metavar="FILE", help="the secret key to the public key, as age-keygen writes it"
    )


def identities(folder, *, passphrase_file=None, identity_file=None, **_):
    """The keys to the backups in this folder. Raises Refused, which NotOpened and Damaged are."""
    if identity_file:
        return identities_in(identity_file)
    return [opened_by_passphrase(folder, passphrase(passphrase_file))]


def passphrase(path):
    """From the file, or the environment. Raises Refused."""
    try:
        words = path.read_text().strip() if path else settings.BACKUP_PASSPHRASE
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused(f"the passphrase cannot be read: {problem}") from problem
    if not words:
        raise Refused("give --passphrase-file or BACKUP_PASSPHRASE, or what belongs to a public key")
    return words
