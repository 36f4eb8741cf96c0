"""The life of rules: written as drafts, rehearsed, announced, pinned by a round; every edition stored by its digest.

The rules that come with the program stand beside those of the database: an edition in force here takes the place of the
one shipped for the same assessment and year.
"""
