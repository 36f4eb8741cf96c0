"""People: users, what each role may do, the audit trail, notices. Knows no agency: whether a thing is somebody's own is
told by the room that owns it."""
