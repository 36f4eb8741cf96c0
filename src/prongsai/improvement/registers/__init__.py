"""Registers that fulfil disclosure items: sheets of structured records, of kinds that are data, and what they provide.

See docs/plans.md.
"""
