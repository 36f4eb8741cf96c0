"""Pages that scripts make: which links wait to be rendered, and what each check has of the page in a browser."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("disclosure", "0008_identity"),)
    operations = (
        migrations.AddField("Link", "render_since", models.DateTimeField(db_index=True, null=True)),
        migrations.AddField(
            "LinkCheck", "rendered", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
        migrations.AddField(
            "LinkCheck", "picture", models.CharField(blank=True, db_default="", default="", max_length=64)
        ),
    )
