"""Commands that ``manage`` runs."""
