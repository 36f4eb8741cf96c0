"""The first tables."""

import datetime
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_th", models.CharField(max_length=200, verbose_name="ชื่อ")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="ชื่ออังกฤษ")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("department", "ส่วนราชการระดับกรม"),
                            ("state_enterprise", "รัฐวิสาหกิจ"),
                            ("public_organization", "องค์การมหาชน"),
                            ("independent", "องค์กรอิสระ ศาล และรัฐสภา"),
                            ("university", "สถาบันอุดมศึกษา"),
                            ("state_agency", "หน่วยงานของรัฐอื่น"),
                            ("province", "จังหวัด"),
                            ("district", "อำเภอ"),
                            ("special_local", "องค์กรปกครองส่วนท้องถิ่นรูปแบบพิเศษ"),
                            ("bangkok_district", "สำนักงานเขตของกรุงเทพมหานคร"),
                            ("pao", "องค์การบริหารส่วนจังหวัด"),
                            ("city", "เทศบาลนคร"),
                            ("town", "เทศบาลเมือง"),
                            ("subdistrict_municipality", "เทศบาลตำบล"),
                            ("sao", "องค์การบริหารส่วนตำบล"),
                            ("hospital", "โรงพยาบาล"),
                            ("school", "สถานศึกษา"),
                        ],
                        max_length=30,
                        verbose_name="ประเภท",
                    ),
                ),
                ("province", models.CharField(blank=True, max_length=60, verbose_name="จังหวัด")),
                ("district", models.CharField(blank=True, max_length=60, verbose_name="อำเภอ")),
                ("parent_code", models.CharField(blank=True, max_length=40, verbose_name="สังกัด")),
                ("website", models.URLField(blank=True, verbose_name="เว็บไซต์")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="รหัส")),
                ("since", models.DateField(default=datetime.date(1900, 1, 1), verbose_name="ข้อมูลนี้ใช้ตั้งแต่")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="ยุบเลิกเมื่อ")),
                ("fictional", models.BooleanField(default=False)),
                ("search", models.CharField(db_index=True, editable=False, max_length=601)),
                ("order", models.CharField(db_index=True, editable=False, max_length=240)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.agency",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AgencyImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("file_name", models.CharField(max_length=200)),
                ("file_digest", models.CharField(max_length=64)),
                ("rows", models.JSONField()),
                ("problems", models.JSONField()),
                ("fictional", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "รอยืนยัน"), ("done", "นำเข้าแล้ว"), ("dropped", "ยกเลิก")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="AgencyPast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_th", models.CharField(max_length=200, verbose_name="ชื่อ")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="ชื่ออังกฤษ")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("department", "ส่วนราชการระดับกรม"),
                            ("state_enterprise", "รัฐวิสาหกิจ"),
                            ("public_organization", "องค์การมหาชน"),
                            ("independent", "องค์กรอิสระ ศาล และรัฐสภา"),
                            ("university", "สถาบันอุดมศึกษา"),
                            ("state_agency", "หน่วยงานของรัฐอื่น"),
                            ("province", "จังหวัด"),
                            ("district", "อำเภอ"),
                            ("special_local", "องค์กรปกครองส่วนท้องถิ่นรูปแบบพิเศษ"),
                            ("bangkok_district", "สำนักงานเขตของกรุงเทพมหานคร"),
                            ("pao", "องค์การบริหารส่วนจังหวัด"),
                            ("city", "เทศบาลนคร"),
                            ("town", "เทศบาลเมือง"),
                            ("subdistrict_municipality", "เทศบาลตำบล"),
                            ("sao", "องค์การบริหารส่วนตำบล"),
                            ("hospital", "โรงพยาบาล"),
                            ("school", "สถานศึกษา"),
                        ],
                        max_length=30,
                        verbose_name="ประเภท",
                    ),
                ),
                ("province", models.CharField(blank=True, max_length=60, verbose_name="จังหวัด")),
                ("district", models.CharField(blank=True, max_length=60, verbose_name="อำเภอ")),
                ("parent_code", models.CharField(blank=True, max_length=40, verbose_name="สังกัด")),
                ("website", models.URLField(blank=True, verbose_name="เว็บไซต์")),
                ("since", models.DateField()),
                ("until", models.DateField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="past", to="registry.agency"
                    ),
                ),
            ],
            options={
                "ordering": ("-until", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200, verbose_name="เหตุ")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField(unique=True, verbose_name="ปีงบประมาณ")),
                ("framework", models.CharField(max_length=40, verbose_name="หลักเกณฑ์")),
                ("framework_digest", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("preparing", "กำลังเตรียม"), ("running", "กำลังประเมิน"), ("closed", "ปิดรอบแล้ว")],
                        default="preparing",
                        max_length=12,
                        verbose_name="สถานะ",
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("agencies", models.ManyToManyField(related_name="+", to="registry.agency")),
            ],
            options={
                "ordering": ("-fiscal_year",),
            },
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("label_th", models.CharField(max_length=120)),
                ("label_en", models.CharField(blank=True, max_length=120)),
                ("place", models.PositiveSmallIntegerField()),
                ("starts", models.DateField(blank=True, null=True, verbose_name="เริ่ม")),
                ("ends", models.DateField(blank=True, null=True, verbose_name="สิ้นสุด")),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="phases", to="registry.round"
                    ),
                ),
            ],
            options={
                "ordering": ("place",),
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "assessor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.round"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="agency",
            index=models.Index(fields=["kind", "province"], name="registry_ag_kind_18fd68_idx"),
        ),
        migrations.AddIndex(
            model_name="agency",
            index=models.Index(fields=["province"], name="registry_ag_provinc_d01fb4_idx"),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("user", "agency"), name="duty_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="interest",
            constraint=models.UniqueConstraint(fields=("user", "agency"), name="interest_once"),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("round", "key"), name="phase_once"),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts", None), ("ends", None), ("ends__gte", models.F("starts")), _connector="OR"
                ),
                name="phase_ends_after_it_starts",
                violation_error_message="วันสิ้นสุดอยู่ก่อนวันเริ่ม",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("round", "agency"), name="assigned_once"),
        ),
    ]
