"""Prongsai (โปร่งใส): integrity and transparency assessment of public agencies, in the open."""

__version__ = "0.2.0"
