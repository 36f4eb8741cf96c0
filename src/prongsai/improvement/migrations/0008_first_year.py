"""A plan of an agency in its first year, which has no result yet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("improvement", "0007_stated_reasons"),
        ("results", "0010_errata"),
    ]

    operations = [
        migrations.AlterField(
            model_name="plan",
            name="result",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="results.agencyresult",
            ),
        ),
    ]
