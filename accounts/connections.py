from django.db import connection


def release_connection():
    """No database connection is held while bytes move. Inside a transaction (a test's) it stays."""
    if not connection.in_atomic_block:
        connection.close()
