"""Why a file is not read."""


class UnreadableError(Exception):
    """The file cannot be read; the message says why and what to do, in Thai."""
