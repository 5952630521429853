from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.urls import reverse

from accounts.models import Invitation, User
from activity.actions import Action
from activity.keys import prepare_keys
from activity.models import Event
from activity.recording import Subject, record_now
from files.storage import storage
from operations.startup import refuse_newer, refuse_unless_ready
from operations.umask import umask

SHOWN = [
    "administrator@example.com", "staff@example.com", "auditor@example.com", "client@example.com", "other.client@example.com"
]  # fmt: skip


class Command(BaseCommand):
    help = "Runs once before the processes start: database, key file, storage, styles, and who signs in first."

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="make a demonstration firm when the portal is empty")

    @umask(0o077)
    def handle(self, *, demo, **options):
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        refuse_newer()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        prepare_keys()
        storage().prepare()
        call_command("collectstatic", interactive=False, verbosity=0)
        if demo and not User.objects.exists() and not Event.objects.exists():
            call_command("demonstrate", stdout=self.stdout)
        record_now(Action.PORTAL_PREPARED, subject=Subject("command", "", "manage.py prepare"))
        refuse_unless_ready()
        self._say_who_signs_in()

    def _say_who_signs_in(self):
        origin = settings.BASE_URL.origin
        self.stdout.write(f"\nFirm Portal is ready at {origin}/")
        if User.objects.filter(is_demonstration=True).exists():
            self.stdout.write("Sign in with the password `demonstration` as one of")
            for user in User.objects.filter(email__in=SHOWN).order_by("pk"):
                self.stdout.write(f"  {user.email:<28} {user.get_role_display()}")
        elif not User.objects.exists():
            Invitation.objects.filter(user=None, used_at=None).delete()
            link = origin + reverse("invitation", args=[Invitation.issue(None, by=None)])
            self.stdout.write(f"Make the first administrator by this link, which works once:\n  {link}")
        self.stdout.write("")
