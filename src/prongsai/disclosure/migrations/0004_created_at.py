"""The moment at which a row is created has one name in all rooms; links have a position, as phases have."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("disclosure", "0003_standard_names"),)
    operations = (
        migrations.RenameField("MarksSeal", "made_at", "created_at"),
        migrations.AlterModelOptions("Link", options={"ordering": ("position", "id")}),
        migrations.RenameField("Link", "place", "position"),
    )
