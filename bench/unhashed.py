"""The portal, but for SHA-256: what it takes to receive bytes without it."""

from types import SimpleNamespace

from portal.wsgi import application  # noqa: F401 — gunicorn's


class _Nothing:
    def update(self, data):
        pass

    def hexdigest(self):
        return "0" * 64


def _switch_off():
    from files import sending, storage

    for module in (sending, storage):
        module.hashlib = SimpleNamespace(sha256=_Nothing)


_switch_off()
