"""What a worker does for this room beside its actions: what the office does to many agencies at once, and tables that
come back."""

from prongsai.registry import agency_table
from prongsai.registry.tables import work

__all__ = ["agency_table", "work"]  # whose actions a worker must know
