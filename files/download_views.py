import logging

from django.shortcuts import render
from django.views.decorators.http import require_safe

from files.access import file_for, version_of
from files.downloads import send, why_not_served

logger = logging.getLogger(__name__)


@require_safe
def download(request, file_id):
    version = version_of(file_for(request.user, file_id), request.GET.get("version"))
    if not version.is_served:
        return render(
            request, "files/not_served.html", {"back": version.file, "why": why_not_served(version)}, status=409
        )
    try:
        return send(request, version, by=request.user)
    except OSError:
        logger.exception("The bytes of version %s cannot be read", version.pk)
        return render(request, "503.html", {"back": version.file}, status=503)
