"""The moment at which a row is created has one name in all rooms; measures have a position, as phases have."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("improvement", "0003_standard_names"),)
    operations = (
        migrations.RenameField("Plan", "made_at", "created_at"),
        migrations.RenameField("FollowUp", "made_at", "created_at"),
        migrations.AlterModelOptions("Measure", options={"ordering": ("position", "id")}),
        migrations.RenameField("Measure", "place", "position"),
    )
