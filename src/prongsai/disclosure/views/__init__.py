"""The pages of the disclosure room: the agency's desk, the assessor's, the office's, and what the public sees."""
