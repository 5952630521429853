"""What the status page and the metrics both look at."""

from pathlib import Path

from django.db import connection

SCANNER_SECONDS = 2


def database_bytes():
    """What the database takes on its disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
    name = str(connection.settings_dict["NAME"])
    return sum(path.stat().st_size for path in (Path(name), Path(f"{name}-wal")) if path.exists())
