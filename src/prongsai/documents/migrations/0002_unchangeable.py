"""The database itself refuses to change or delete a signature or the record of an issued paper."""

from django.db import migrations

from prongsai.people.unchangeable import refuse_changes


class Migration(migrations.Migration):
    dependencies = (("documents", "0001_initial"),)
    operations = (refuse_changes("documents_signature"), refuse_changes("documents_paper"))
