"""Migrations that have landed stay as they are: an installation has run them, and won't run them again."""

import hashlib
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).parents[2]
LANDED = Path(__file__).with_name("migrations.sha256")  # as sha256sum writes it


def landed():
    """Digests of every migration that somebody may have run, by path."""
    return {p: d for d, p in (line.split("  ") for line in LANDED.read_text(encoding="ascii").splitlines())}


def present():
    files = (ROOT / "src" / "prongsai").rglob("migrations/[!_]*.py")
    return {p.relative_to(ROOT).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_no_migration_that_has_landed_was_edited_or_removed():
    found = present()
    wrong = [path for path, digest in landed().items() if found.get(path) != digest]
    assert not wrong, (
        f"{', '.join(wrong)}: ระบบที่ติดตั้งไปแล้วรัน migration นี้ไปแล้วและจะไม่รันซ้ำ คืนไฟล์เดิม แล้วเขียนสิ่งที่เปลี่ยนเป็น migration ใหม่"
    )


def test_every_migration_is_listed():
    new = sorted(present().keys() - landed().keys())
    assert not new, (
        "migration ใหม่ยังไม่อยู่ในรายการ เมื่อเขียนเสร็จและจะไม่แก้อีก สั่ง "
        f"sha256sum {' '.join(new)} >> tests/house/migrations.sha256"
    )


def test_a_migration_that_is_killed_leaves_nothing_half_done():
    """Each is one transaction on both databases, so that the next start goes on where the last one ended."""
    migrations = MigrationLoader(None).disk_migrations
    ours = {key: m for key, m in migrations.items() if m.__module__.startswith("prongsai.")}
    assert len(ours) >= len(landed())
    assert not [key for key, m in ours.items() if not m.atomic]
