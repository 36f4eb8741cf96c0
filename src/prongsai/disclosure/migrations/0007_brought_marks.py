"""Marks that came in tables: who brought them, and which of them were withdrawn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("disclosure", "0006_allocation"),
        ("registry", "0006_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BroughtMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mark",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="brought", to="disclosure.mark"
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.tableupload"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MarkWithdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "mark",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawal", to="disclosure.mark"
                    ),
                ),
            ],
        ),
        refuse_changes("disclosure_broughtmark"),
        refuse_changes("disclosure_markwithdrawal"),
    ]
