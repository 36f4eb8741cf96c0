"""Steps of complaints may be written anew as they are, by night; nothing else of them changes."""

from django.db import migrations

from prongsai.people.append_only import allow_rewriting

# something of the complaint is left; as in 0004
WRITTEN = "EXISTS (SELECT 1 FROM sites_message WHERE complaint_id = OLD.complaint_id)"


class Migration(migrations.Migration):
    dependencies = [("sites", "0005_filed_versions")]

    operations = [allow_rewriting("sites_step", WRITTEN)]
