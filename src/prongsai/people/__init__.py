"""Users, permissions of roles, sign-in, the audit trail, notices. Knows no agency: the room that owns a record decides
whether it is a user's own."""
