"""What Prometheus may know of answers: the nation's totals of a day, rounded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0004_population_size"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("acknowledged", models.PositiveIntegerField()),
                ("mixed", models.PositiveIntegerField()),
            ],
        ),
    ]
