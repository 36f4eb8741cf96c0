"""Asking people: channels, one-time codes, forms, submission, progress, sealing. Nothing stored joins a respondent to
an answer: see docs/privacy.md."""
