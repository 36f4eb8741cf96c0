"""The writers: the same blocks as Word, PDF and HTML."""
