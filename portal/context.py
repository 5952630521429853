from django.conf import settings
from django.utils.functional import SimpleLazyObject

from accounts.models import Firm


def firm(request):
    """The firm's settings, read when a template first asks for them."""
    return {"firm": SimpleLazyObject(Firm.current), "most_upload_bytes": settings.MAX_UPLOAD_BYTES}
