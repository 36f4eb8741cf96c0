"""Fields and the constraint are named by what they hold: is_open, key_number, one_population."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0002_standard_names"),
    ]

    operations = [
        migrations.RenameField(
            model_name="channel",
            old_name="open",
            new_name="is_open",
        ),
        migrations.RenameField(
            model_name="envelope",
            old_name="key",
            new_name="key_number",
        ),
        migrations.RemoveConstraint(
            model_name="population",
            name="headcount_once",
        ),
        migrations.AddConstraint(
            model_name="population",
            constraint=models.UniqueConstraint(fields=("round", "agency", "instrument"), name="one_population"),
        ),
    ]
