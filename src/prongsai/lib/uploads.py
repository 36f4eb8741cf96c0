"""How large a file may be that somebody sends: one limit, which forms say and every reader of uploads keeps."""

MAX_MEGABYTES = 20
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
