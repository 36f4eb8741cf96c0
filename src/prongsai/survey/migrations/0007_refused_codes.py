"""A code that was refused because as many had answered as there are people: counted for the office, and still unused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0005_day_totals"),
    ]

    operations = [
        migrations.AddField(
            model_name="code",
            name="refused",
            field=models.BooleanField(null=True),
        ),
    ]
