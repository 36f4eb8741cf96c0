"""What was opened again after the seal, and which seal the next one replaces."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes, refuse_changes_again


class Migration(migrations.Migration):
    dependencies = [
        ("disclosure", "0004_created_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="marksseal",
            name="replaces",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="disclosure.marksseal"
            ),
        ),
        refuse_changes_again("disclosure_marksseal"),
        migrations.CreateModel(
            name="Reopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ground",
                    models.CharField(
                        choices=[("appeal", "รับอุทธรณ์"), ("court", "คำสั่งศาล"), ("audit", "คำสั่งหรือข้อทักท้วงของผู้ตรวจสอบ")],
                        max_length=6,
                        verbose_name="อาศัย",
                    ),
                ),
                ("number", models.CharField(max_length=80, verbose_name="เลขที่")),
                ("dated", models.DateField(verbose_name="ลงวันที่")),
                ("reason", models.CharField(max_length=600, verbose_name="เหตุผล")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("item", models.CharField(max_length=40)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reopenings", to="disclosure.filing"
                    ),
                ),
                (
                    "mark",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="disclosure.mark"
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopenings",
                        to="disclosure.marksseal",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(fields=["filing", "item"], name="disclosure__filing__50b0e7_idx")],
            },
        ),
        refuse_changes("disclosure_reopening"),
    ]
