"""The print shop: one content model, several writers. See docs/documents.md."""
