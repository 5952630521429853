from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Firm Portal"

    def ready(self):
        from portal import wording

        wording.install()
