"""A backup that is not as it was written is refused, and the damaged part is named."""

import io
import json
import os

import pytest
from django.core.management import CommandError, call_command
from pyrage import x25519

from operations.backup import sums
from operations.backup.problems import Damaged, NotOpened, Refused
from operations.backup.restoring import refuse_unless_it_fits, verified
from operations.backup.sealing import identities_in, seal, unseal

pytestmark = pytest.mark.django_db(transaction=True)
OBJECT = "the object"


@pytest.fixture
def backup(w2, backups):
    return backups.make()


def path_of(backup, part):
    """The part's path, and its name for people."""
    if part == OBJECT:
        name = next(backup.objects())[0]
        return backup.folder.path / name, name
    return backup.path / part, f"sets/{backup.name}/{part}"


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    os.truncate(path, path.stat().st_size - 10)


@pytest.mark.parametrize("harm", [flip, cut, os.unlink], ids=["flipped", "truncated", "missing"])
@pytest.mark.parametrize("part", ["database.age", "secrets.age", "manifest.age", "objects.sums", OBJECT])
def test_a_damaged_part_is_named(part, harm, backup, backups):
    path, name = path_of(backup, part)
    harm(path)

    with pytest.raises(Damaged, match=name) as damaged:
        verified(backup, [backups.identity])
    assert len(damaged.value.parts) == 1


@pytest.mark.parametrize("harm", [cut, os.unlink])
def test_the_list_of_the_parts_is_one_itself(harm, backup, backups):
    harm(backup.path / "SHA256SUMS")

    with pytest.raises(Damaged, match=f"sets/{backup.name}/SHA256SUMS"):
        verified(backup, [backups.identity])


def test_all_that_is_damaged_is_named_at_once(backup):
    for part in ("database.age", OBJECT):
        flip(path_of(backup, part)[0])

    with pytest.raises(CommandError) as refused:
        call_command("verify_backup", str(backup.folder.path))
    assert str(refused.value) == f"sets/{backup.name}/database.age is damaged; {path_of(backup, OBJECT)[1]} is damaged"


def list_anew(backup, part):
    """Whoever can write to the folder can make the lists fit."""
    found = backup.sums() | {part: sums.sha256_of(backup.path / part)}
    lines = [sums.line(name, found[name], above="") for name in sorted(found)]
    (backup.path / "SHA256SUMS").write_text("".join(lines))


def test_a_list_that_was_made_to_fit_does_not_fit_the_manifest(backup, backups):
    (backup.path / "objects.sums").write_text("")
    list_anew(backup, "objects.sums")

    with pytest.raises(Damaged, match=r"objects.sums is not the one that the manifest names"):
        verified(backup, [backups.identity])


def test_a_manifest_that_was_made_to_fit_is_not_signed(backup, backups):
    """The public key is enough to encrypt, and not to sign."""
    sink = io.BytesIO()
    unseal(backup.path / "manifest.age", sink, [backups.identity], name="manifest")
    text, signature = sink.getvalue().decode().splitlines()
    other = json.dumps(json.loads(text) | {"objects": 0})
    seal(
        io.BytesIO(f"{other}\n{signature}\n".encode()),
        backup.path / "manifest.age",
        backups.identity.to_public(),
    )
    list_anew(backup, "manifest.age")

    with pytest.raises(Damaged, match="is not signed by the key file of the set"):
        verified(backup, [backups.identity])


def test_another_key_opens_nothing(backup):
    with pytest.raises(NotOpened, match=f"the key does not open sets/{backup.name}/manifest.age"):
        verified(backup, [x25519.Identity.generate()])


def test_the_command_opens_it_with_the_key_and_says_how_far_it_goes(backup, backups, capsys):
    call_command("verify_backup", str(backup.folder.path), identity_file=backups.identity_file)
    assert "is as it was written, and holds the log up to event" in capsys.readouterr().out
    (backups.path / "words").write_text("hello")
    with pytest.raises(NotOpened, match="holds no secret key of age"):
        identities_in(backups.path / "words")


def test_a_checkpoint_of_another_portal_is_refused(backup, backups):
    forged = '{"format":"firm-portal-checkpoint-v1"}\nsignature 00\nkey 00\n'

    with pytest.raises(Refused, match="the checkpoint and the backup do not belong together"):
        verified(backup, [backups.identity], held=forged)


def test_a_set_of_a_newer_release_or_another_engine_is_refused(backup, backups):
    contents, _ = verified(backup, [backups.identity])
    refuse_unless_it_fits(contents)
    contents.manifest["migrations"].append("files.9999_later")
    with pytest.raises(Refused, match=r"made by a newer release, which has files\.9999_later"):
        refuse_unless_it_fits(contents)
    contents.manifest["engine"] = "db2"
    with pytest.raises(Refused, match="it is a backup of db2"):
        refuse_unless_it_fits(contents)


def test_a_set_that_is_not_there_is_named_and_so_are_those_that_are(backup):
    with pytest.raises(CommandError, match=f"holds no set 2020; sets that are there: {backup.name}"):
        call_command("verify_backup", str(backup.folder.path), set="2020")
    with pytest.raises(CommandError, match="holds no backup"):
        call_command("verify_backup", "/nowhere")


def test_only_into_an_empty_installation(backup, backups, capsys):
    with pytest.raises(CommandError, match="Nothing was restored: the database is not empty"):
        call_command("restore", str(backups.path), identity_file=backups.identity_file, no_checkpoint=True)
