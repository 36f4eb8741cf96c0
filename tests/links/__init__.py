"""The link checker against a web of its own on loopback."""
