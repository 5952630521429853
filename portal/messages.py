from django.contrib.messages.storage.session import SessionStorage

MOST_WAITING = 10


class NewestInSession(SessionStorage):
    """What the next page says waits in the session: not in a cookie, since it names people. Where no page comes to say it,
    as with a script that only posts, the newest MOST_WAITING are kept."""

    def _store(self, messages, response, *args, **kwargs):
        return super()._store(messages[-MOST_WAITING:], response, *args, **kwargs)
