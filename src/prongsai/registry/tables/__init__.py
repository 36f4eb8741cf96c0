"""Tables that go out to be filled in and come back: one pattern, and the kinds of this room."""

from prongsai.registry.tables import agencies, assignments, enrolment, extensions, users, work

__all__ = ["agencies", "assignments", "enrolment", "extensions", "users", "work"]  # importing a kind makes it known
