"""The moment at which a row is created has one name in all rooms."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("results", "0004_assessments"),)
    operations = (
        migrations.RenameField("ResultSet", "made_at", "created_at"),
        migrations.RenameField("Import", "made_at", "created_at"),
    )
