"""What approved plans quote of assessors, so that a table of a nation can say why without reading every plan."""

import django.db.models.deletion
from django.db import migrations, models


def read_approvals(apps, _schema_editor):
    StatedReason = apps.get_model("improvement", "StatedReason")
    plans = apps.get_model("improvement", "Plan").objects.select_related("result__result_set")
    for plan in plans.order_by("pk").iterator():
        approval = plan.decisions.filter(step="approved").order_by("pk").last()
        measures = approval.content["measures"] if approval else []
        StatedReason.objects.bulk_create(
            StatedReason(
                plan=plan,
                agency_id=plan.agency_id,
                fiscal_year=plan.result.result_set.fiscal_year,
                item=node,
                text=defect,
            )
            for measure in measures
            for kind, node, defect, _ in measure["findings"]
            if kind == "comment" and node and defect
        )


class Migration(migrations.Migration):
    dependencies = [
        ("improvement", "0006_pending_upload"),
        ("registry", "0005_lists_read_in_background"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatedReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField()),
                ("item", models.CharField(max_length=40)),
                ("text", models.TextField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="improvement.plan"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["fiscal_year", "agency"], name="improvement_fiscal__e943fb_idx")],
            },
        ),
        migrations.RunPython(read_approvals, migrations.RunPython.noop),
    ]
