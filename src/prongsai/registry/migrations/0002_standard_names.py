"""Tables carry the names of the glossary: Appointment, PublishedResult, Population."""

from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel(
            old_name="Duty",
            new_name="Appointment",
        ),
    ]
