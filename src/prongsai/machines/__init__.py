"""What several machines of one installation share: stored files, locks, the key folder, the copy of the database that
public pages read.

One machine with its own disk is the same installation with nobody to share with.
"""
