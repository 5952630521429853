from django.db import connection


def release_connection():
    """No connection to a database's server is held while bytes move. SQLite's stays, and takes nothing from anybody: to open
    its file anew takes as long as to read hundreds of rows. Inside a transaction (a test's) any stays."""
    if connection.vendor != "sqlite" and not connection.in_atomic_block:
        connection.close()
