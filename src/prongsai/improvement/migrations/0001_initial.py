"""The first tables."""

import django.db.models.deletion
import prongsai.improvement.periods
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registry", "0001_initial"),
        ("results", "0002_unchangeable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due", models.DateField(verbose_name="รอบที่ครบกำหนด")),
                ("on", models.DateField(verbose_name="วันที่ติดตาม")),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "ยังไม่เริ่ม"), ("doing", "กำลังทำ"), ("stuck", "ติดขัด"), ("done", "เสร็จแล้ว")],
                        max_length=7,
                        verbose_name="สถานะ",
                    ),
                ),
                ("done", models.TextField(blank=True, verbose_name="สิ่งที่ทำแล้ว")),
                ("obstacles", models.TextField(blank=True, verbose_name="ปัญหาอุปสรรค")),
                ("suggestion", models.TextField(blank=True, verbose_name="ข้อเสนอแนะ")),
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
            ],
            options={
                "ordering": ("due", "id"),
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.URLField(blank=True, max_length=500)),
                ("name", models.CharField(max_length=200)),
                ("stored_as", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="improvement.followup"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="มาตรการ")),
                ("indicators", models.JSONField(default=list, verbose_name="ตัวชี้วัด")),
                ("steps", models.TextField(blank=True, verbose_name="ขั้นตอน")),
                ("starts", models.PositiveSmallIntegerField(default=1, verbose_name="ตั้งแต่")),
                ("ends", models.PositiveSmallIntegerField(default=12, verbose_name="ถึง")),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("monthly", "ทุกเดือน"),
                            ("quarterly", "ทุกไตรมาส"),
                            ("twice", "ปีละสองครั้ง (รอบ 6 เดือน และสิ้นปี)"),
                            ("once", "ครั้งเดียว เมื่อสิ้นสุดช่วงเวลา"),
                        ],
                        default=prongsai.improvement.periods.Rhythm["QUARTERLY"],
                        max_length=9,
                        verbose_name="รอบการติดตาม",
                    ),
                ),
                ("units", models.JSONField(default=list, verbose_name="ผู้รับผิดชอบ")),
                ("budget", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="งบประมาณ")),
                ("success", models.TextField(blank=True, verbose_name="ตัวชี้วัดความสำเร็จ")),
                ("removed", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("place", "id"),
            },
        ),
        migrations.AddField(
            model_name="followup",
            name="measure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="improvement.measure"
            ),
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField(verbose_name="ปีงบประมาณ")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "กำลังร่าง"),
                            ("submitted", "รอผู้บริหารอนุมัติ"),
                            ("returned", "ส่งกลับให้แก้"),
                            ("approved", "อนุมัติแล้ว"),
                        ],
                        default="draft",
                        max_length=9,
                        verbose_name="สถานะ",
                    ),
                ),
                ("public", models.BooleanField(default=False, verbose_name="เผยแพร่")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
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
                "ordering": ("-fiscal_year",),
            },
        ),
        migrations.AddField(
            model_name="measure",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="measures", to="improvement.plan"
            ),
        ),
        migrations.CreateModel(
            name="LibraryEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("fiscal_year", models.PositiveIntegerField()),
                ("indicator", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=64)),
                ("title", models.CharField(max_length=300)),
                ("steps", models.TextField(blank=True)),
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
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("submitted", "เสนอ"),
                            ("recalled", "ดึงกลับมาแก้"),
                            ("returned", "ส่งกลับให้แก้"),
                            ("approved", "อนุมัติ"),
                        ],
                        max_length=9,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("position", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("comment", models.TextField(blank=True)),
                ("digest", models.CharField(max_length=64)),
                ("content", models.JSONField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="improvement.plan"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="PlanFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("item", "ข้อต่ำกว่าเป้าหมาย"),
                            ("indicator", "ตัวชี้วัดต่ำกว่าเป้าหมาย"),
                            ("instrument", "เครื่องมือต่ำกว่าเป้าหมาย"),
                            ("level", "เงื่อนไขของระดับถัดไป"),
                            ("fell", "คะแนนลดลง"),
                            ("comment", "ความเห็นผู้ประเมิน"),
                            ("own", "หน่วยงานระบุเอง"),
                            ("strength", "จุดแข็ง"),
                            ("unknown", "ไม่มีคะแนน"),
                        ],
                        max_length=10,
                    ),
                ),
                ("node", models.CharField(blank=True, max_length=40)),
                ("score", models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ("before", models.DecimalField(decimal_places=4, max_digits=7, null=True)),
                ("defect", models.TextField(blank=True, verbose_name="ข้อค้นพบ")),
                ("remedy", models.TextField(blank=True, verbose_name="แนวทางแก้")),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="findings", to="improvement.measure"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="points", to="improvement.plan"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due", models.DateField()),
                ("kind", models.CharField(choices=[("soon", "ใกล้ครบกำหนด"), ("late", "เลยกำหนด")], max_length=4)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="improvement.plan"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(fields=["fiscal_year", "status"], name="improvement_fiscal__34901a_idx"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(fields=("agency", "fiscal_year"), name="plan_once"),
        ),
        migrations.AddIndex(
            model_name="libraryentry",
            index=models.Index(fields=["kind", "indicator", "key"], name="improvement_kind_992841_idx"),
        ),
        migrations.AddConstraint(
            model_name="planfinding",
            constraint=models.UniqueConstraint(fields=("plan", "key"), name="finding_once"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("plan", "due", "kind"), name="reminded_once"),
        ),
    ]
