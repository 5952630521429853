import logging

from django.shortcuts import render
from django.views.decorators.http import require_safe

from files.access import file_for, version_of
from files.checking import refusal
from files.downloads import send
from files.models import NotServed

logger = logging.getLogger(__name__)


@require_safe
def download(request, file_id):
    version = version_of(file_for(request.user, file_id), request.GET.get("version"))
    try:
        return send(request, version, by=request.user)
    except NotServed:
        context = {"back": version.file, "file": version.file, "version": version, "words": refusal(version)}
        return render(request, "files/not_served.html", context, status=423)
    except OSError:
        logger.exception("The bytes of version %s cannot be read", version.pk)
        return render(request, "503.html", {"back": version.file}, status=503)
