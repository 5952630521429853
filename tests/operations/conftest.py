from types import SimpleNamespace

import pytest
from django.core.management import call_command
from pyrage import x25519

from operations.backup.folder import BackupFolder


@pytest.fixture
def backups(portal_with_a_key, tmp_path):
    """A place for backups, encrypted to a key: ``make(*options)`` makes one by the command, ``newest`` is the last set,
    ``identity`` opens it, also from ``identity_file``."""
    identity = x25519.Identity.generate()
    path, identity_file = tmp_path / "backups", tmp_path / "identity"
    identity_file.write_text(f"# of the test\n{identity}\n")

    def make(*options):
        call_command("backup", str(path), f"--recipient={identity.to_public()}", *options)
        return BackupFolder(path).set()

    return SimpleNamespace(
        path=path, identity=identity, identity_file=identity_file, make=make, newest=lambda: BackupFolder(path).set()
    )
