"""Fingerprints of the secrets that the machines of an installation share."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeyFingerprint",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("noted_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
