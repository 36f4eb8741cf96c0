"""What a worker does for this room beside its actions: what the office does to many agencies at once."""

from prongsai.registry import agency_table

__all__ = ["agency_table"]  # whose actions a worker must know
