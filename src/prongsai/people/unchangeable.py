"""The name by which migrations of version 0.1.0 import ``append_only``; migrations are never edited."""

from prongsai.people.append_only import refuse_changes

__all__ = ["refuse_changes"]
