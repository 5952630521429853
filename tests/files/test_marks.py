"""What a list says of each file to whoever looks: New, Not yet downloaded, Downloaded."""

from datetime import timedelta

from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from files.marks import mark
from files.models import Cabinet, File, Version
from tests.conftest import join, put_file

NEW, WAITING, FETCHED = ("New</span>", "Not yet downloaded", "Downloaded <time")


def marks_of(reader):
    """What ``mark`` says of every file that the reader sees; ``new_to`` must say the same in SQL."""
    files = File.objects.visible_to(reader).select_related("current__by", "folder__cabinet").order_by("name")
    marks = {file.name: file.mark for file in mark(files, reader=reader)}
    assert sorted(name for name, one in marks.items() if one == "new") == [
        file.name for file in File.objects.visible_to(reader).new_to(reader).order_by("name")
    ]
    return marks


def fetch(person, file):
    browser = Browser()
    browser.force_login(person)
    assert b"".join(browser.get(reverse("file-download", args=[file.pk])))


def test_a_file_is_new_to_the_other_side_until_each_has_opened_it(cast, w2, events):
    top = cast.acme.cabinet.top
    letter = put_file(top, "Letter.pdf", by=cast.firm_user)
    put_file(Cabinet.open_own("firm", by=cast.administrator).top, "Handbook.pdf", by=cast.administrator)
    assert marks_of(cast.firm_user) == {w2.name: "new", "Letter.pdf": "waiting", "Handbook.pdf": None}
    assert marks_of(cast.client) == marks_of(cast.second) == {w2.name: None, "Letter.pdf": "new"}

    fetch(cast.firm_user, w2)
    fetch(cast.client, letter)
    assert marks_of(cast.firm_user) == {w2.name: None, "Letter.pdf": "fetched", "Handbook.pdf": None}
    assert marks_of(cast.administrator)[w2.name] == "new"
    assert (marks_of(cast.client)["Letter.pdf"], marks_of(cast.second)["Letter.pdf"]) == (None, "new")

    put_file(top, "Letter.pdf", b"corrected", by=cast.firm_user)
    put_file(top, w2.name, b"corrected", by=cast.second)
    assert marks_of(cast.firm_user) == {w2.name: "new", "Letter.pdf": "waiting", "Handbook.pdf": None}
    assert marks_of(cast.client)["Letter.pdf"] == "new"


def test_what_was_there_before_one_joined_is_not_new_nor_what_cannot_be_opened(cast, w2):
    put_file(cast.acme.cabinet.top, "Virus.exe", by=cast.client)
    Version.objects.filter(file__name="Virus.exe").update(state=Version.State.INFECTED)
    late = join("late@firm.example.com", Role.ADMINISTRATOR)
    late.joined_at = timezone.now() + timedelta(minutes=1)
    late.save()

    assert marks_of(late) == {w2.name: None, "Virus.exe": None}
    w2.move_to_bin(by=cast.client)
    assert marks_of(cast.firm_user) == {w2.name: None, "Virus.exe": None}


def test_the_marks_stand_on_the_lists(sign_in, cast, w2):
    put_file(w2.folder, "Letter.pdf", by=cast.firm_user)
    lists = [w2.folder.get_absolute_url(), reverse("home"), reverse("file-search") + "?kind=pdf"]

    def seen(person):
        return [tuple(words in sign_in(person).get(url).text for words in (NEW, WAITING, FETCHED)) for url in lists]

    assert seen(cast.firm_user) == [(True, True, False)] * 3
    assert seen(cast.client) == [(True, False, False)] * 3
    assert "1 new</span>" in sign_in(cast.administrator).get(reverse("exchange")).text
    fetch(cast.client, File.objects.get(name="Letter.pdf"))
    fetch(cast.firm_user, w2)
    assert seen(cast.firm_user) == [(False, False, True)] * 3
    assert seen(cast.client) == [(False, False, False)] * 3
    assert " new</span>" not in sign_in(cast.firm_user).get(reverse("exchange")).text
