"""The first tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Overview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField(unique=True)),
                ("data", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="ResultSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField(db_index=True, verbose_name="ปีงบประมาณ")),
                ("framework", models.CharField(max_length=40)),
                ("framework_digest", models.CharField(max_length=64)),
                (
                    "origin",
                    models.CharField(
                        choices=[("run", "คำนวณจากคำตอบและผลตรวจ"), ("import", "นำเข้าจากผลที่ประกาศแล้ว")],
                        max_length=6,
                        verbose_name="ที่มา",
                    ),
                ),
                ("inputs", models.JSONField()),
                ("code", models.CharField(max_length=40)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="หมายเหตุ")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.resultset"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.round"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField(null=True)),
                (
                    "shape",
                    models.CharField(
                        choices=[("document", "เอกสารของหน่วยงาน"), ("nation", "ตารางหลายหน่วยงาน")], max_length=8
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "กำลังอ่าน"),
                            ("ready", "รอตรวจและยืนยัน"),
                            ("failed", "อ่านไม่ได้"),
                            ("confirmed", "ยืนยันแล้ว"),
                            ("dropped", "ยกเลิก"),
                        ],
                        default="reading",
                        max_length=9,
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("file_digest", models.CharField(max_length=64)),
                ("stored_as", models.CharField(max_length=200)),
                ("reading", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "result_sets",
                    models.ManyToManyField(related_name="imports", related_query_name="import", to="results.resultset"),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="AgencyResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("overall", models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ("level", models.CharField(blank=True, max_length=40)),
                ("passed", models.BooleanField(null=True)),
                ("status", models.CharField(blank=True, max_length=20)),
                ("shown", models.JSONField()),
                ("basis", models.JSONField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "result_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="results.resultset"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Current",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField()),
                ("overall", models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ("level", models.CharField(blank=True, max_length=40)),
                ("passed", models.BooleanField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.agencyresult"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["fiscal_year", "-overall"], name="results_cur_fiscal__e9da3c_idx")],
                "constraints": [models.UniqueConstraint(fields=("agency", "fiscal_year"), name="current_once")],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("place", models.CharField(max_length=60)),
                ("figures", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("contradicted", models.JSONField(default=list)),
                (
                    "agency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="results.import"
                    ),
                ),
            ],
            options={
                "ordering": ("number",),
                "constraints": [models.UniqueConstraint(fields=("of", "number"), name="import_row_once")],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("published_at", models.DateTimeField(auto_now_add=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="เหตุผลที่ถอน")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "result_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="publications", to="results.resultset"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)), fields=("result_set",), name="published_once"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="agencyresult",
            constraint=models.UniqueConstraint(fields=("result_set", "agency"), name="result_once"),
        ),
    ]
