"""Checking what agencies publish: filed addresses, confirmation, link checks, snapshots, marks, clarifications."""
