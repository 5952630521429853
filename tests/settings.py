"""The portal's own settings, with what a test needs: a place of its own, quick passwords, plain names of static files."""

import json
import os
from pathlib import Path

from tests.servers import new_folder, postgresql_programs

VAR_DIR = Path(new_folder("portal-test-", is_durable=False))
os.environ["VAR_DIR"] = str(VAR_DIR)
os.environ.pop("STORAGE_URL", None)

from portal.settings import *  # noqa: E402, F403
from portal.settings import BASE_DIR, DATABASES, PORTAL_KEYS, STORAGES  # noqa: E402

PORTAL_KEYS.write_text(json.dumps({"mac": "0f" * 32, "factors": "f0" * 32}))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_AUTOREFRESH = True

DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
PG_BIN = str(postgresql_programs())
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}  # a file, as in use, not memory
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # nobody cuts the power of a test
