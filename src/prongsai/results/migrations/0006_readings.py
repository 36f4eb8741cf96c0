"""How many agencies of a computed round another reading of a doubtful rule would change; unknown of older ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("results", "0005_created_at"),)
    operations = (migrations.AddField("ResultSet", "readings", models.JSONField(null=True)),)
