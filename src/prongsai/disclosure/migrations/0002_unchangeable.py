"""The database itself refuses to change or delete a confirmation, a mark, a reply, or a seal."""

from django.db import migrations

from prongsai.people.unchangeable import refuse_changes


class Migration(migrations.Migration):
    dependencies = (("disclosure", "0001_initial"),)
    operations = tuple(
        refuse_changes(f"disclosure_{table}") for table in ("confirmation", "mark", "clarification", "marksseal")
    )
