import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activity.actions import Action
from files.models import File


@pytest.fixture
def folder(cast):
    return cast.acme.cabinet.top


def send(browser, folder, *files):
    return browser.post(reverse("folder-files", args=[folder.pk]), {"files": list(files)}, follow=True)


def test_a_client_sends_a_file(sign_in, cast, folder, events):
    content = b"x" * 3_000_000
    page = send(sign_in(cast.client), folder, SimpleUploadedFile("W-2 2025.pdf", content))

    assert "Received W-2 2025.pdf" in page.text
    file = File.objects.get()
    assert (file.name, file.current.size_bytes, file.current.by) == ("W-2 2025.pdf", len(content), cast.client)
    assert file.current.sha256 == hashlib.sha256(content).hexdigest()
    (event,) = events(action=Action.FILE_UPLOADED)
    assert (event.subject, event.size_bytes, event.client_name) == ("W-2 2025.pdf", len(content), "Acme Dental PC")
