"""What a document says: the data it is made from, the facts that follow, the sentences, and the blocks on paper.

Nothing here knows a file format, a database or the clock.
"""
