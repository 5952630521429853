from django.core.management import BaseCommand, CommandError
from django.db import connection, transaction

from activity.actions import Action
from activity.recording import Subject, record
from activity.triggers import TABLE

CHANGES = "UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES"


class Command(BaseCommand):
    help = "Gives a PostgreSQL role all that the portal needs to serve, but of the log only reading and appending."

    def add_arguments(self, parser):
        parser.add_argument("role", help="an existing role, that of the DATABASE_URL which the portal will serve with")

    def handle(self, *, role, **options):
        if connection.vendor != "postgresql":
            raise CommandError("SQLite knows no roles: whoever can write to its file can change the log.")
        with transaction.atomic():
            self._refuse_one_that_no_grant_restricts(role)
            self._grant(role)
            self._refuse_one_that_has_rights_from_elsewhere(role)
            record(
                Action.LOG_RESTRICTED,
                subject=Subject("command", "", "manage.py restrict_log"),
                note=f"role {role}",
            )
        self.stdout.write(f"{role} can read the log and append to it, and not change it.")

    def _refuse_one_that_no_grant_restricts(self, role):
        """Owners and superusers, and who may act as one."""
        if not self._asks("SELECT FROM pg_roles WHERE rolname = %s", role):
            raise CommandError(f"There is no role {role}; make it first: CREATE ROLE … LOGIN PASSWORD …")
        is_superuser = "SELECT FROM pg_roles WHERE rolsuper AND pg_has_role(%s, oid, 'MEMBER')"
        if self._asks(is_superuser, role):
            raise CommandError(f"{role} is a superuser, or may become one: nothing can be kept from it.")
        is_owner = (
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = to_regclass(%s)"
            " AND (pg_has_role(%s, relowner, 'MEMBER') OR pg_has_role(%s, nspowner, 'MEMBER'))"
        )
        if self._asks(is_owner, TABLE, role, role):
            raise CommandError(f"{role} owns the log, or its schema, or may act as its owner; use a role of its own.")

    def _grant(self, role):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT quote_ident(current_schema()), quote_ident(current_database()), quote_ident(%s)", [role]
            )
            schema, database, to = cursor.fetchone()
            rows, numbers = "SELECT, INSERT, UPDATE, DELETE ON", "USAGE, SELECT, UPDATE ON"
            for statement in (
                f"GRANT CONNECT ON DATABASE {database} TO {to}",
                f"GRANT USAGE ON SCHEMA {schema} TO {to}",
                f"GRANT {rows} ALL TABLES IN SCHEMA {schema} TO {to}",
                f"GRANT {numbers} ALL SEQUENCES IN SCHEMA {schema} TO {to}",
                # what later releases add
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {rows} TABLES TO {to}",
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {numbers} SEQUENCES TO {to}",
                f"REVOKE ALL ON {TABLE} FROM {to}",
                f"GRANT SELECT, INSERT ON {TABLE} TO {to}",
            ):
                cursor.execute(statement)

    def _refuse_one_that_has_rights_from_elsewhere(self, role):
        can_change = (
            "SELECT WHERE has_table_privilege(%s, to_regclass(%s), %s)"
            " OR has_any_column_privilege(%s, to_regclass(%s), 'UPDATE')"
        )
        if self._asks(can_change, role, TABLE, CHANGES, role, TABLE):
            raise CommandError(
                f"{role} can change the log by a right of PUBLIC or of a role it belongs to; revoke that."
            )

    def _asks(self, question, *parameters):
        with connection.cursor() as cursor:
            cursor.execute(question, parameters)
            return cursor.rowcount > 0
