"""The database itself refuses to change or delete a decision, a follow-up or its evidence."""

from django.db import migrations

from prongsai.people.unchangeable import refuse_changes


class Migration(migrations.Migration):
    dependencies = (("improvement", "0001_initial"),)
    operations = (
        refuse_changes("improvement_decision"),
        refuse_changes("improvement_followup"),
        refuse_changes("improvement_evidence"),
    )
