from django.apps import AppConfig


class OrganizerConfig(AppConfig):
    name = "organizer"
    verbose_name = "Tax Organizer"

    def ready(self):
        from organizer import receivers

        receivers.connect()
