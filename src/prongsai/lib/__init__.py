"""Helpers without a domain noun: Thai text, exact rounding, digests, strict YAML, guarded work.

Knows no room of the house; every room may use it.
"""
