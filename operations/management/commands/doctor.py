from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email

from operations.doctor import BY_NAME, examine
from operations.findings import Level
from operations.trials import MAIL, try_out
from operations.umask import umask


class Command(BaseCommand):
    help = (
        "Checks what is easily got wrong in an installation, and says how to mend it. Ends with 1 where something is."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("checks", nargs="*", metavar="check", help=f"one or more of {', '.join(BY_NAME)}; else all")
        parser.add_argument("--mail", metavar="ADDRESS", help="also send a mail to this address")

    @umask(0o077)  # where there is no database yet, looking for it makes a file
    def handle(self, *, checks, mail, **options):
        if unknown := [name for name in checks if name not in BY_NAME]:
            raise CommandError(f"There is no check {unknown[0]}. There are: {', '.join(BY_NAME)}.")
        if mail:
            try:
                validate_email(mail)
            except ValidationError as problem:
                raise CommandError(f"{mail} is no e-mail address.") from problem
        counts = dict.fromkeys(Level, 0)
        for finding in self._findings(checks or BY_NAME, mail):
            counts[finding.level] += 1
            self.stdout.write(f"{finding.level:<8} {finding.title}: {finding.words}")
            self.stdout.flush()
        summary = f"{counts[Level.OK]} OK, {counts[Level.WARNING]} to look at, {counts[Level.WRONG]} wrong."
        if counts[Level.WRONG]:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _findings(self, names, address):
        yield from examine(names)
        if address:
            yield from try_out("mail", MAIL, mail_to=address, by=None)
