from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ActivityConfig(AppConfig):
    name = "activity"
    verbose_name = "Activity Log"

    def ready(self):
        from activity import receivers, triggers

        receivers.connect()
        post_migrate.connect(triggers.install, sender=self, dispatch_uid="activity.triggers")
