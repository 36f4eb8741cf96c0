"""Leases that ran out are counted apart from tries: a worker that was killed is seldom the fault of its job."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("jobs", "0003_request_id"),)

    operations = (
        migrations.AddField(
            model_name="job",
            name="losses",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    )
