from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "files"
    verbose_name = "Secure File Exchange"

    def ready(self):
        from accounts.signals import client_created
        from files.models import open_cabinet

        client_created.connect(open_cabinet, dispatch_uid="files.open_cabinet")
