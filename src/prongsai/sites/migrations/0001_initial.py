"""The first tables."""

import django.db.models.deletion
import prongsai.sites.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registry", "0006_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_key", models.CharField(max_length=64, unique=True)),
                ("created_on", models.DateField()),
                (
                    "agency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChannelSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("questions_open", models.BooleanField(default=False, verbose_name="เปิดช่องทางถามตอบ (Q&A)")),
                ("complaints_open", models.BooleanField(default=False, verbose_name="เปิดช่องทางร้องเรียน")),
                ("complaints_since", models.DateField(null=True)),
                ("question_days", models.PositiveSmallIntegerField(default=15, verbose_name="ตอบคำถามภายใน (วัน)")),
                (
                    "acknowledge_days",
                    models.PositiveSmallIntegerField(default=7, verbose_name="รับเรื่องร้องเรียนภายใน (วัน)"),
                ),
                (
                    "answer_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="แจ้งผลเรื่องร้องเรียนภายใน (วัน)"),
                ),
                ("procedure", models.TextField(blank=True, verbose_name="ขั้นตอนการดำเนินการ")),
                ("contact", models.CharField(blank=True, max_length=300, verbose_name="ช่องทางอื่น")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "agency",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Complaint",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=8, unique=True, verbose_name="เลขเรื่อง")),
                ("sender_key", models.CharField(max_length=64, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("corruption", "การทุจริตและประพฤติมิชอบ"), ("general", "เรื่องร้องเรียนทั่วไป")],
                        max_length=10,
                        verbose_name="ประเภท",
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("other", "บุคคลหรือเรื่องอื่น"),
                            ("handler", "เจ้าหน้าที่ผู้รับเรื่องร้องเรียน"),
                            ("executive", "ผู้บริหารของหน่วยงาน"),
                        ],
                        default="other",
                        max_length=9,
                        verbose_name="เกี่ยวกับ",
                    ),
                ),
                (
                    "tier",
                    models.CharField(
                        choices=[("agency", "เจ้าหน้าที่ผู้รับเรื่อง"), ("executive", "ผู้บริหาร"), ("office", "ส่วนกลาง")],
                        max_length=9,
                        verbose_name="อยู่กับ",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("new", "รอรับเรื่อง"), ("open", "กำลังดำเนินการ"), ("closed", "แจ้งผลแล้ว")],
                        default="new",
                        max_length=6,
                        verbose_name="สถานะ",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("founded", "มีมูล ดำเนินการแล้ว"),
                            ("unfounded", "ตรวจแล้วไม่มีมูล"),
                            ("forwarded", "ส่งหน่วยงานที่มีอำนาจ"),
                            ("insufficient", "ข้อมูลไม่พอให้ดำเนินการ"),
                        ],
                        max_length=12,
                        verbose_name="ผล",
                    ),
                ),
                ("received_on", models.DateField(verbose_name="วันที่รับ")),
                ("acknowledge_by", models.DateField(verbose_name="รับเรื่องภายใน")),
                ("answer_by", models.DateField(verbose_name="แจ้งผลภายใน")),
                ("closed_on", models.DateField(null=True)),
                ("escalated_on", models.DateField(null=True)),
                ("has_news", models.BooleanField(default=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-received_on", "number"),
            },
        ),
        migrations.CreateModel(
            name="ItemPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveIntegerField(verbose_name="ปีงบประมาณ")),
                ("item", models.CharField(max_length=40)),
                ("public", models.BooleanField(default=False, verbose_name="เผยแพร่")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
            ],
            options={
                "ordering": ("-fiscal_year", "item"),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("sender", "ผู้ร้อง"), ("reply", "หน่วยงาน"), ("note", "บันทึกภายใน")], max_length=6
                    ),
                ),
                ("on", models.DateField()),
                ("content", models.BinaryField()),
                ("handler_box", models.BinaryField()),
                ("sender_box", models.BinaryField(null=True)),
                ("token", models.CharField(max_length=24, unique=True)),
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
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="sites.complaint"
                    ),
                ),
                (
                    "sealed_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.channelkey"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("position", models.PositiveSmallIntegerField()),
                ("content", models.BinaryField()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="sites.message"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="MonthStatistics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("content", models.JSONField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-first_day",),
            },
        ),
        migrations.CreateModel(
            name="PageVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="sites.itempage"
                    ),
                ),
            ],
            options={
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=14, unique=True)),
                ("text", models.TextField(verbose_name="คำถาม")),
                ("asked_on", models.DateField()),
                ("answer_by", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "รอตอบ"), ("published", "ตอบแล้ว"), ("declined", "ไม่เผยแพร่")],
                        default="pending",
                        max_length=9,
                        verbose_name="สถานะ",
                    ),
                ),
                ("answer", models.TextField(blank=True, verbose_name="คำตอบ")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="เหตุที่ไม่เผยแพร่")),
                ("decided_on", models.DateField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-decided_on", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("taken", "รับเรื่องมาดำเนินการ"),
                            ("opened", "เปิดอ่าน"),
                            ("replied", "ตอบผู้ร้อง"),
                            ("noted", "บันทึกภายใน"),
                            ("transferred", "โอนให้ผู้อื่น"),
                            ("raised", "ส่งขึ้นไป"),
                            ("escalated", "เลยกำหนด ระบบส่งขึ้นไป"),
                            ("closed", "แจ้งผลและยุติเรื่อง"),
                            ("reopened", "ผู้ร้องเขียนเพิ่ม เปิดเรื่องอีกครั้ง"),
                        ],
                        max_length=11,
                    ),
                ),
                ("to", models.CharField(blank=True, max_length=160)),
                ("on", models.DateField()),
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
                    "complaint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="sites.complaint"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(fields=("complaint", "position"), name="step_once"),
        ),
        migrations.AddConstraint(
            model_name="channelkey",
            constraint=models.UniqueConstraint(fields=("agency",), name="channel_key_of_agency"),
        ),
        migrations.AddConstraint(
            model_name="channelkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("agency", None)), fields=("assessment",), name="channel_key_of_office"
            ),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["agency", "tier", "status"], name="complaint_desk"),
        ),
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(fields=["status", "answer_by"], name="complaint_due"),
        ),
        migrations.AddConstraint(
            model_name="itempage",
            constraint=models.UniqueConstraint(fields=("agency", "fiscal_year", "item"), name="item_page_once"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("complaint", "position"), name="message_once"),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(fields=("message", "position"), name="attachment_once"),
        ),
        migrations.AddConstraint(
            model_name="monthstatistics",
            constraint=models.UniqueConstraint(fields=("agency", "first_day"), name="statistics_once"),
        ),
        migrations.AddConstraint(
            model_name="pageversion",
            constraint=models.UniqueConstraint(fields=("page", "number"), name="page_version_once"),
        ),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(fields=["agency", "status"], name="question_status"),
        ),
    ]
