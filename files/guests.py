"""Somebody without an account, over a request link: what of their session says that the address is theirs."""

import time

from files.models import RequestLink

LINK, TOKEN, SEEN, SENT = "request_link", "request_link_token", "request_link_seen", "request_link_sent"
IDLE_SECONDS = 3600
TOUCH_SECONDS = 60


def begin(request, link):
    """The session may send over this link from now on, under a new key."""
    request.session.cycle_key()
    request.session[LINK] = str(link.pk)
    request.session[TOKEN] = link.token_hash
    request.session[SEEN] = int(time.time())
    request.session[SENT] = []


def confirmed_link(request):
    """The open link that this session may send over, or None: nobody is signed in, the address was confirmed, no newer
    link was mailed since, and the session was used within the hour."""
    link_id = request.session.get(LINK)
    if link_id is None or request.user.is_authenticated:
        return None
    now = int(time.time())
    idle_seconds = now - request.session.get(SEEN, 0)
    if idle_seconds > IDLE_SECONDS:
        forget(request)
        return None
    link = RequestLink.objects.select_related("folder__cabinet__client", "by").filter(pk=link_id).first()
    if link is None or not link.is_open or link.token_hash != request.session.get(TOKEN):
        return None
    if idle_seconds > TOUCH_SECONDS:
        request.session[SEEN] = now
    return link


def forget(request):
    for key in (LINK, TOKEN, SEEN, SENT):
        request.session.pop(key, None)


def remember(request, names, versions):
    """The guest finds what was sent listed, under the names that they gave: another would tell what lies in the folder."""
    receipts = request.session.get(SENT, [])
    receipts += [
        {"name": name, "size_bytes": version.size_bytes, "sha256": version.sha256, "receipt": str(version.pk)[:8]}
        for name, version in zip(names, versions, strict=True)
    ]
    request.session[SENT] = receipts


def receipts(request):
    return request.session.get(SENT, [])[::-1]
