from django.core.management import BaseCommand, CommandError, call_command
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from activity.models import Event
from portal.demonstration.story import Story


class Command(BaseCommand):
    help = "Makes a demonstration firm in an empty portal: people, clients, files, and 90 days of events."

    def handle(self, **options):
        if User.objects.exists() or Event.objects.exists():
            raise CommandError("The demonstration needs an empty portal: it writes past times into the log.")
        Story().tell()
        DBTaskResult.objects.all().delete()  # nobody is to be told today of what came weeks ago
        call_command("verify_activity", stdout=self.stdout)
