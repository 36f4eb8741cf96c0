"""Asking people: channels, one-time codes, forms, submission, progress, sealing. Who answered never meets what was
answered: see docs/privacy.md."""
