"""Tables and columns get standard names: DocumentSettings, AgencyTemplate, next_signatory, content_digest, issued_at."""

from django.conf import settings
from django.db import migrations, models

RENAMED = {
    "DocumentSettings": {"head": "executive_position", "number": "reference_prefix"},
    "AgencyTemplate": {"at": "uploaded_at"},
    "Paper": {
        "says": "content_digest",
        "docx": "docx_sha256",
        "pdf": "pdf_sha256",
        "figures": "figures_read",
        "at": "issued_at",
    },
    "Memo": {"waiting": "next_signatory", "waiting_position": "next_position", "made_at": "created_at"},
    "Signature": {"says": "content_digest", "docx": "docx_sha256", "pdf": "pdf_sha256", "at": "signed_at"},
    "Batch": {
        "total": "agencies_total",
        "done": "agencies_done",
        "last": "last_result_id",
        "made_at": "created_at",
    },
}


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_unchangeable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("Style", "DocumentSettings"),
        migrations.RenameModel("OwnTemplate", "AgencyTemplate"),
        *(migrations.RenameField(model, old, new) for model, fields in RENAMED.items() for old, new in fields.items()),
        migrations.RemoveConstraint("AgencyTemplate", "own_template_once"),
        migrations.AddConstraint(
            "AgencyTemplate", models.UniqueConstraint(fields=("agency", "kind"), name="agency_template_once")
        ),
    ]
