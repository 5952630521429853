import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_notices_and_space"),
        ("files", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FolderSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("folders", models.TextField()),
                ("is_for_new_clients", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("size_bytes", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=120)),
                ("message", models.TextField(blank=True)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("has_reminders", models.BooleanField(default=True)),
                ("reminded_on", models.DateField(blank=True, null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="RequestedDocument",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("hint", models.CharField(blank=True, max_length=300)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                ("returned_because", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="RequestLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                ("title", models.CharField(max_length=120)),
                ("message", models.TextField(blank=True)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("code_hash", models.CharField(blank=True, max_length=64)),
                ("code_expires_at", models.DateTimeField(blank=True, null=True)),
                ("code_tries", models.PositiveIntegerField(default=0)),
                ("most_files", models.PositiveIntegerField(default=20)),
                ("sent_files", models.PositiveIntegerField(default=0)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("months", models.PositiveIntegerField()),
                ("notice_days", models.PositiveIntegerField(default=30)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("path", models.TextField(blank=True)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("size_bytes", models.BigIntegerField()),
                ("part_bytes", models.BigIntegerField(default=0)),
                ("changed_at", models.CharField(blank=True, max_length=32)),
                ("is_separate", models.BooleanField(default=False)),
                ("storage_key", models.CharField(max_length=64, unique=True)),
                ("storage_id", models.TextField(blank=True)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="folder",
            name="folder_name_once",
        ),
        migrations.AddField(
            model_name="cabinet",
            name="binned_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="current_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="earlier_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="held_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="held_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="hold_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="quota_bytes",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="cabinet",
            name="reserved_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="file",
            name="announced_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="file",
            name="binned_with",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="binned_files",
                to="files.folder",
            ),
        ),
        migrations.AddField(
            model_name="file",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="folder",
            name="binned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="folder",
            name="binned_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="folder",
            name="binned_with",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="binned_folders",
                to="files.folder",
            ),
        ),
        migrations.AddField(
            model_name="folder",
            name="is_view_only",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="version",
            name="checked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="client_downloaded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="released_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="removed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="version",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("checking", "Being checked"),
                    ("clean", "Checked"),
                    ("not-scanned", "Not scanned"),
                    ("released", "Released"),
                    ("infected", "Quarantined"),
                    ("damaged", "Damaged"),
                ],
                default="received",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="state_note",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="version",
            name="sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="folder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("binned_at", None)), fields=("parent", "name"), name="folder_name_once"
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="file",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="files.file"),
        ),
        migrations.AddField(
            model_name="opening",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="openings", to="files.version"
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="accounts.client"
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="folder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="files.folder"
            ),
        ),
        migrations.AddField(
            model_name="requesteddocument",
            name="file",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="files.file",
            ),
        ),
        migrations.AddField(
            model_name="requesteddocument",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="files.request"
            ),
        ),
        migrations.AddField(
            model_name="requestlink",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="requestlink",
            name="folder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="links", to="files.folder"
            ),
        ),
        migrations.AddField(
            model_name="version",
            name="link",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="files.requestlink",
            ),
        ),
        migrations.AddField(
            model_name="retentionrule",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="retentionrule",
            name="folder",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rules",
                to="files.folder",
            ),
        ),
        migrations.AddField(
            model_name="file",
            name="announced_rule",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.retentionrule",
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="document",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="uploads",
                to="files.requesteddocument",
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="folder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="files.folder"
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="link",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="uploads",
                to="files.requestlink",
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="version",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="upload",
                to="files.version",
            ),
        ),
        migrations.AddField(
            model_name="part",
            name="upload",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="files.upload"
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.UniqueConstraint(fields=("user", "version"), name="opening_once"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["folder", "by", "closed_at"], name="upload_of_somebody"),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.UniqueConstraint(fields=("upload", "number"), name="part_once"),
        ),
    ]
