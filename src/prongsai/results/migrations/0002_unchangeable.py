"""The database itself refuses to change or delete a result."""

from django.db import migrations

from prongsai.people.unchangeable import refuse_changes


class Migration(migrations.Migration):
    dependencies = (("results", "0001_initial"),)
    operations = (refuse_changes("results_resultset"), refuse_changes("results_agencyresult"))
