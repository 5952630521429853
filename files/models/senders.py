from django.conf import settings
from django.db import models


class Sender(models.Model):
    """What a person has sent, counted as the cabinets count what lies in them: every version for whoever sent it, a file
    for whoever sent its current one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="sender"
    )

    # Kept by every verb that changes them (files.space); ``manage.py check_files`` compares them with the rows
    file_count = models.BigIntegerField(default=0)  # of files in place
    current_bytes = models.BigIntegerField(default=0)
    earlier_bytes = models.BigIntegerField(default=0)
    binned_bytes = models.BigIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    last_fetched_at = models.DateTimeField(null=True, blank=True)  # of a client's people

    def __str__(self):
        return str(self.user)

    @classmethod
    def change(cls, user_id, **fields):
        """The person's row has these; it is made where there is none. Inside a transaction, which holds it to its end."""
        row = cls.objects.filter(pk=user_id)
        if not row.update(**fields):
            cls.objects.bulk_create([cls(pk=user_id)], ignore_conflicts=True)
            row.update(**fields)

    @classmethod
    def lock(cls, user_id):
        """Nobody else changes the person's row until the transaction ends."""
        cls.change(user_id, file_count=models.F("file_count"))
