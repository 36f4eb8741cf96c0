"""The database itself refuses to change or delete an entry of the audit trail."""

from django.db import migrations

from prongsai.people.unchangeable import refuse_changes


class Migration(migrations.Migration):
    dependencies = (("people", "0001_initial"),)
    operations = (refuse_changes("people_auditentry"),)
