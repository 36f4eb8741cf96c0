"""Services at the counter, consultations, how long closed matters are stored; what is published of a month is
append-only, and the steps of a complaint are destroyed with it."""

import django.db.models.deletion
import prongsai.sites.models
from django.conf import settings
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes, refuse_deletion_while


# something of the complaint is left
WRITTEN = "EXISTS (SELECT 1 FROM sites_message WHERE complaint_id = OLD.complaint_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_tables"),
        ("sites", "0003_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="channelsettings",
            name="destroyed_through",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="channelsettings",
            name="retention_days",
            field=models.PositiveSmallIntegerField(default=365, verbose_name="ทำลายหลังจบเรื่องแล้ว (วัน)"),
        ),
        migrations.CreateModel(
            name="Consultation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="เรื่อง")),
                ("text", models.TextField(verbose_name="รายละเอียด")),
                ("purpose", models.TextField(verbose_name="จะนำความคิดเห็นไปใช้อย่างไร")),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="ตัวเลือก")),
                ("opened_on", models.DateField(null=True)),
                ("closes_on", models.DateField(verbose_name="รับถึงวันที่")),
                ("heard", models.TextField(blank=True, verbose_name="สรุปสิ่งที่ได้รับฟัง")),
                ("decided", models.TextField(blank=True, verbose_name="สิ่งที่หน่วยงานตัดสินใจและเหตุผล")),
                ("result", models.JSONField(null=True)),
                ("published_on", models.DateField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
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
            options={
                "ordering": ("-closes_on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("choice", models.PositiveSmallIntegerField(null=True)),
                ("text", models.TextField(blank=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "รอพิจารณา"), ("admitted", "เผยแพร่"), ("withheld", "ไม่เผยแพร่")],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("token", models.CharField(max_length=14, unique=True)),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opinions", to="sites.consultation"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=10, unique=True)),
                ("name", models.CharField(max_length=120, verbose_name="ชื่องานบริการหรือจุดบริการ")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="ชื่อภาษาอังกฤษ")),
                ("is_open", models.BooleanField(default=True, verbose_name="เปิดรับความคิดเห็น")),
                ("opened_on", models.DateField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
            ],
            options={
                "ordering": ("name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ServiceAnswer",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("staff", models.PositiveSmallIntegerField()),
                ("process", models.PositiveSmallIntegerField()),
                ("place", models.PositiveSmallIntegerField()),
                ("overall", models.PositiveSmallIntegerField()),
                ("token", models.CharField(max_length=24, unique=True)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.service"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServiceComment",
            fields=[
                ("id", models.BigAutoField(default=prongsai.sites.models.draw_id, primary_key=True, serialize=False)),
                ("month", models.DateField()),
                ("text", models.TextField()),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.service"
                    ),
                ),
            ],
            options={
                "ordering": ("-month", "id"),
            },
        ),
        migrations.CreateModel(
            name="ServiceMonth",
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
        migrations.AddIndex(
            model_name="consultation",
            index=models.Index(fields=["agency", "closes_on"], name="consultation_closing"),
        ),
        migrations.AddIndex(
            model_name="opinion",
            index=models.Index(fields=["consultation", "status"], name="opinion_status"),
        ),
        migrations.AddIndex(
            model_name="serviceanswer",
            index=models.Index(fields=["service", "month"], name="service_answer_month"),
        ),
        migrations.AddConstraint(
            model_name="serviceanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("overall__range", (1, 5)),
                    ("place__range", (1, 5)),
                    ("process__range", (1, 5)),
                    ("staff__range", (1, 5)),
                ),
                name="service_answer_steps",
            ),
        ),
        migrations.AddIndex(
            model_name="servicecomment",
            index=models.Index(fields=["service", "month"], name="service_comment_month"),
        ),
        migrations.AddConstraint(
            model_name="servicemonth",
            constraint=models.UniqueConstraint(fields=("agency", "first_day"), name="service_month_once"),
        ),
        refuse_changes("sites_servicemonth"),
        refuse_deletion_while("sites_step", WRITTEN),
    ]
