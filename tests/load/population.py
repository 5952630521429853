"""``python -m tests.load.population 200``, with a portal's settings: so many clients, each with a person and files, and a log
of some length. Prints who they are, and what lies in their cabinets, as JSON."""

import json
import os
import sys

import django

EVENTS, FILES_EACH, AT_ONCE = 20_000, 5, 5_000


def populate(count):
    """[{email, ip, client, files: {address: SHA-256}}] of the people, who all have the demonstration's password."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from accounts.models import Client, Membership, Role, User
    from activity.recording import record_all
    from portal.demonstration.people import ADMINISTRATOR, PASSWORD
    from tests.many_events import entry_of

    administrator = User.objects.get(email=ADMINISTRATOR.email)
    password = make_password(PASSWORD)  # hashed once for all
    people, clients = [], []
    for number in range(count):
        with transaction.atomic():
            client = Client.add(f"Load {number:04}, Inc.", by=administrator)
            user = User.objects.make(f"load{number:04}@example.com", role=Role.CLIENT_USER)
            Membership.objects.create(client=client, user=user)
            user.join(None, name=f"Person {number}")
            User.objects.filter(pk=user.pk).update(password=password)
        people.append(user)
        clients.append(client)
    for start in range(0, EVENTS, AT_ONCE):
        with transaction.atomic():
            record_all([entry_of(number, people, clients) for number in range(start, start + AT_ONCE)])
    return [
        {
            "email": user.email,
            "ip": f"10.{number // 250}.{number % 250}.7",
            "client": client.pk,
            "files": _send(user, client, number),
        }
        for number, (user, client) in enumerate(zip(people, clients, strict=True))
    ]


def _send(user, client, number):
    """FILES_EACH files from 20 KB to a megabyte are in the cabinet."""
    from files.models import Arrived, Cabinet
    from files.storage import storage

    arrived = []
    for which in range(FILES_EACH):
        staged = storage().stage()
        staged.write(os.urandom(20_000 + (number * FILES_EACH + which) * 7919 % 1_000_000))
        staged.keep()
        arrived.append(Arrived(f"Statement {which}.pdf", staged.key, staged.size_bytes, staged.sha256))
    versions = Cabinet.objects.get(client=client).top.receive(arrived, by=user)
    return {version.file.get_absolute_url(): version.sha256 for version in versions}


if __name__ == "__main__":
    django.setup()
    json.dump(populate(int(sys.argv[1])), sys.stdout)
