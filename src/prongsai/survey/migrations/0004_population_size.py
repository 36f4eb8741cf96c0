"""A population has a size; a seal is created, as every row is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("survey", "0003_names_of_fields"),)
    operations = (
        migrations.RenameField("Population", "people", "size"),
        migrations.RenameField("Seal", "made_on", "created_on"),
    )
