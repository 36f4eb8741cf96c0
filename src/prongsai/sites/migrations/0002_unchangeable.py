"""Steps, statistics and versions of pages are append-only."""

from django.db import migrations

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("sites", "0001_initial")]

    operations = [
        refuse_changes("sites_step"),
        refuse_changes("sites_monthstatistics"),
        refuse_changes("sites_pageversion"),
    ]
