"""A memo reports a result, or puts a paper of a register before the executive."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (
        ("documents", "0007_jobs_of_papers"),
        ("improvement", "0006_pending_upload"),
        ("results", "0008_issued_receipts"),
    )

    operations = (
        migrations.AddField(
            model_name="memo",
            name="sheet",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="improvement.registersheet",
            ),
        ),
        migrations.AlterField(
            model_name="memo",
            name="result",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.agencyresult"
            ),
        ),
        migrations.AddConstraint(
            model_name="memo",
            constraint=models.CheckConstraint(
                condition=models.Q(result=None, sheet__isnull=False) | models.Q(result__isnull=False, sheet=None),
                name="memo_about_one",
            ),
        ),
    )
