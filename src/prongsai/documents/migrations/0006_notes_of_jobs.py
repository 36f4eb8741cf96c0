"""What was read back of a memo's files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("documents", "0005_passage_edits"),)
    operations = (migrations.AddField("PaperJob", "notes", models.JSONField(null=True)),)
