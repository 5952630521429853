"""Notes on a file: who sees, leaves and removes them, and how little the log says of them."""

from django.urls import reverse

from activity.actions import Action
from files.models import Note


def leave(browser, file, text):
    return browser.post(reverse("file-notes", args=[file.pk]), {"text": text})


def remove(browser, file, note):
    return browser.post(reverse("file-note-removal", args=[file.pk]), {"note": getattr(note, "pk", note)})


def test_a_note_is_seen_by_all_who_see_the_file_and_its_words_stay_out_of_the_log(sign_in, cast, w2, events):
    assert leave(sign_in(cast.client), w2, "Box 1 is <smudged>\nSSN 123-45-6789").url.endswith("#notes")
    browser = sign_in(cast.firm_user)
    page = browser.get(w2.get_absolute_url()).text
    assert "Box 1 is &lt;smudged&gt;<br>SSN 123-45-6789" in page
    assert "Ngozi Okafor" in page
    assert 'name="note"' not in page  # not hers to remove
    assert sign_in(cast.stranger).get(w2.get_absolute_url()).status_code == 404
    assert leave(sign_in(cast.stranger), w2, "hello").status_code == 404

    note = Note.objects.get()
    assert remove(sign_in(cast.second), w2, note).status_code == 403
    assert remove(sign_in(cast.client), w2, note).status_code == 302
    leave(sign_in(cast.firm_user), w2, "Checked")
    assert remove(sign_in(cast.administrator), w2, Note.objects.get()).status_code == 302
    assert remove(sign_in(cast.administrator), w2, note).status_code == 302  # gone already
    assert remove(sign_in(cast.administrator), w2, "x").status_code == 302
    assert Note.objects.count() == 0
    told = events(action__in=[Action.NOTE_ADDED, Action.NOTE_REMOVED])
    assert [event.action for event in told] == [Action.NOTE_ADDED, Action.NOTE_REMOVED] * 2
    assert {(event.subject, event.client_name, str(event.details)) for event in told} == {
        ("W-2 2025.pdf", "Acme Dental PC", "{}")
    }


def test_an_empty_note_and_one_without_the_right_to_send_are_refused(sign_in, cast, w2):
    page = leave(sign_in(cast.client), w2, "  ")
    assert page.status_code == 200
    assert "Fill this in." in page.text
    assert "Error:" in page.text
    w2.move_to_bin(by=cast.client)
    assert leave(sign_in(cast.client), w2, "hello").status_code == 403
    w2.restore(by=cast.client)
    cast.client.may_send_files = False
    cast.client.save()
    assert leave(sign_in(cast.client), w2, "hello").status_code == 403
    assert "Leave the note" not in sign_in(cast.client).get(w2.get_absolute_url()).text
    assert Note.objects.count() == 0
