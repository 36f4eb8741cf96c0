"""Tables carry the names of the glossary: Appointment, PublishedResult, Population."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_standard_names"),
        ("survey", "0001_initial"),
    ]

    operations = [
        migrations.RenameModel(
            old_name="HeadCount",
            new_name="Population",
        ),
    ]
