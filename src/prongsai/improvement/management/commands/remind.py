"""``manage remind``: sends the reminders of follow-ups that are due or overdue, as the worker does every day."""

from typing import Any

from django.core.management.base import BaseCommand

from prongsai.improvement.actions import remind


class Command(BaseCommand):
    help = "แจ้งเตือนการติดตามมาตรการที่ใกล้ครบกำหนดหรือเลยกำหนด ทำซ้ำได้ แต่ละกำหนดแจ้งครั้งเดียว"

    def handle(self, *_: Any, **__: Any) -> None:
        self.stdout.write(f"แจ้งเตือน {remind()} รายการ")
