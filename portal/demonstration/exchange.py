"""What the demonstration firm does with its file exchange beyond sending and fetching: asks, notes, checks, keeps in order."""

import io
import zipfile
from datetime import timedelta

from accounts.models import Firm
from activity.origin import Origin, coming_from
from files.models import (
    Arrived,
    Cabinet,
    File,
    Folder,
    Note,
    Request,
    RequestedDocument,
    RequestLink,
    RetentionRule,
    Version,
)
from files.models.bins import move_to_bin
from files.models.requests import Line
from files.storage import storage
from portal.demonstration import people
from portal.demonstration.documents import CLIENTS, Papers

QUOTA_BYTES = 100_000_000_000
NGOZI, MARCUS, ELENA, PRIYA = people.CLIENT_USERS[:4]
INSPECTOR = Origin("203.0.113.140", people.LAPTOP)
OF_THE_YEAR = "2025 Tax Return"
DRAFT = f"{CLIENTS['okafor']} - 2025 Form 1040, draft for review & signature.pdf"
CALENDAR = """Day,What is due
2026-02-27,Source documents from clients
2026-03-16,Forms 1065 and 1120-S
2026-04-15,Forms 1040 and 1041; first estimated payment
2026-09-15,Forms 1065 and 1120-S on extension
2026-10-15,Forms 1040 on extension
"""
CLOSING = """Before a return leaves the house

1. The preparer and a second reader have both signed the review sheet.
2. The client's signed Form 8879 lies in the year's folder.
3. The filed copy is in "Tax returns", where clients read and do not change.
"""


class OfTheExchange:
    """Acts of a Story, which has the clock and the people."""

    def _plan_exchange(self):
        for day, hour, minute, do in (
            (89, 9, 20, self._set_the_room),
            (74, 10, 15, self._ask_for_documents),
            (71, 18, 30, lambda: self._tick_off("W-2 from each employer", "W-2 2025 - Daniel.pdf")),
            (67, 18, 30, lambda: self._tick_off("Form 1098 from your lender", "Form 1098 2025 - mortgage.pdf")),
            (46, 11, 5, self._keep_house_papers),
            (33, 10, 40, self._mail_a_link),
            (31, 14, 10, self._send_over_the_link),
            (26, 9, 45, self._send_what_nobody_can_scan),
            (26, 11, 30, self._release_it),
            (13, 15, 50, self._bin_a_folder),
            (8, 16, 0, self._hand_over_returns),
            (4, 11, 0, lambda: self._draft_again(2, people.STAFF)),
            (4, 11, 2, lambda: self._note(people.STAFF, "Day care credit added as we discussed on the phone.")),
            (2, 19, 40, lambda: self._note(NGOZI, "Page 2: our new address is 41 Larch Lane.")),
            (1, 9, 30, lambda: self._draft_again(3, people.STAFF)),
            (1, 9, 32, lambda: self._note(people.STAFF, "Address corrected. It is ready for your signature.")),
        ):
            self._add(self._moment(day, hour, minute), do)

    def _set_the_room(self):
        with self._as(people.ADMINISTRATOR) as user:
            Firm.current().change(by=user, quota_bytes=QUOTA_BYTES)
            RetentionRule(name="Seven years", months=84, notice_days=30, by=user, at=self._clock).make()

    def _ask_for_documents(self):
        today = self._now.astimezone(self._clock.tzinfo).date()
        folder = self._folder_at("okafor", OF_THE_YEAR)
        lines = [
            Line("W-2 from each employer"),
            Line("Form 1098 from your lender", "Mortgage interest paid in 2025"),
            Line("Day care receipts", "With the provider’s name and tax ID", today - timedelta(days=4)),
            Line("Closing statement of the house", "The one that both sides signed", today + timedelta(days=3)),
            Line("Last year’s property tax bill"),
        ]
        with self._as(people.STAFF) as user:
            asked = Request.ask(
                folder=folder,
                lines=lines,
                by=user,
                title="Papers for your 2025 return",
                message="Photos are fine. Send what you have now; the rest may follow.",
                due_on=today + timedelta(days=10),
                at=self._clock,
            )
        self._asked = asked

    def _tick_off(self, line, name):
        document = self._asked.documents.get(name=line)
        file = File.objects.get(folder=self._asked.folder, name=name)
        with self._as(NGOZI) as user:
            document.receive(file, by=user)
        RequestedDocument.objects.filter(pk=document.pk).update(received_at=self._clock)

    def _keep_house_papers(self):
        with self._as(people.ADMINISTRATOR) as user:
            top = Cabinet.open_own(Cabinet.Kind.FIRM, by=user).top
            self._put(top, "Busy season calendar 2026.csv", CALENDAR.encode(), by=user)
            self._put(top, "Before a return leaves the house.txt", CLOSING.encode(), by=user)
        Folder.objects.filter(pk=top.pk).update(created_at=self._clock)

    def _mail_a_link(self):
        with self._as(people.STAFF) as user:
            self._link = RequestLink.make(
                folder=self._folder_at("sandoval", OF_THE_YEAR),
                by=user,
                email="inspector@alder-inspection.example.com",
                title="Roof inspection reports, Alder Street",
                message="Both reports, and the pictures if you have them.",
                most_files=10,
                expires_at=self._now + timedelta(days=14),
                at=self._clock,
            )

    def _send_over_the_link(self):
        link = RequestLink.objects.select_related("folder__cabinet__client").get(pk=self._link.pk)
        with coming_from(INSPECTOR):
            link.ask_code()
            link.confirm(link.new_code())
            report = b"Alder Street 9, main roof\n\nFlashing renewed, two vents sealed. Nothing else was found.\n"
            self._put(link.folder, "Inspection report, Alder Street 9.txt", report, by=link.by, link=link)

    def _send_what_nobody_can_scan(self):
        with self._as(PRIYA) as user:
            self._locked = self._put(
                self._folder_at("kestrel", OF_THE_YEAR),
                "QuickBooks backup 2025-12-31.zip",
                _locked_zip("Kestrel 2025.qbb", b"Larkin & Voss demonstration " * 2000),
                by=user,
                state=Version.State.NOT_SCANNED,
                state_note="it is encrypted",
            )

    def _release_it(self):
        with self._as(people.STAFF) as user:
            self._locked.release(why="Priya Raman gave the password by phone; our scanner found nothing in it", by=user)
        Version.objects.filter(pk=self._locked.pk).update(released_at=self._clock)

    def _bin_a_folder(self):
        with self._as(people.STAFF) as user:
            folder = self._folder_at("brightwater", OF_THE_YEAR).add_folder("Old scans", by=user)
            for page in (1, 2):
                self._put(folder, f"Scan {page}.txt", f"Page {page} of a scan.\n".encode(), by=user)
            move_to_bin([], [folder], by=user)
        Folder.objects.filter(pk=folder.pk).update(created_at=self._clock, binned_at=self._clock)
        File.objects.filter(binned_with=folder).update(binned_at=self._clock)

    def _hand_over_returns(self):
        with self._as(people.STAFF) as user:
            folder = self._clients["okafor"].cabinet.top.add_folder("Tax returns", by=user)
            name = f"{CLIENTS['okafor']} - 2024 Form 1040, as filed.pdf"
            self._put(folder, name, Papers("okafor").tax_return("2024"), by=user)
            folder.set_view_only(True, by=user)
        Folder.objects.filter(pk=folder.pk).update(created_at=self._clock)

    def _draft_again(self, number, person):
        content = Papers("okafor").tax_return("2025") + f"% draft {number}\n".encode()
        with self._as(person) as user:
            self._put(self._folder_at("okafor", OF_THE_YEAR), DRAFT, content, by=user)

    def _note(self, person, text):
        file = File.objects.get(folder=self._folder_at("okafor", OF_THE_YEAR), name=DRAFT)
        with self._as(person) as user:
            note = file.add_note(text, by=user)
        Note.objects.filter(pk=note.pk).update(at=self._clock)

    # Small things

    def _put(self, folder, name, content, *, by, link=None, **state):
        """The file is in the folder, at the story's time; its Version."""
        staged = storage().stage()
        staged.write(content)
        staged.keep()
        arrived = Arrived(name, staged.key, staged.size_bytes, staged.sha256, **state)
        (version,) = folder.receive([arrived], by=by, link=link)
        Version.objects.filter(pk=version.pk).update(at=self._clock, receipted_at=self._clock)
        if version.number == 1:
            File.objects.filter(pk=version.file_id).update(created_at=self._clock)
        return version

    def _folder_at(self, client, name):
        top = self._clients[client].cabinet.top
        defaults = {"cabinet": top.cabinet, "created_at": self._clock}
        return Folder.objects.get_or_create(parent=top, name=name, defaults=defaults)[0]


def _locked_zip(name, content):
    """A ZIP whose one file claims to be encrypted: nobody reads it without a password."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 5, 9, 0, 0)), content)
    data = bytearray(held.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)
