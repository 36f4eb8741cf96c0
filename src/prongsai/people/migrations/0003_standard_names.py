"""Times of creation have the standard name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("people", "0002_append_only"),)
    operations = (migrations.RenameField(model_name="notice", old_name="made_at", new_name="created_at"),)
