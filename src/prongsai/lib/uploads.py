"""How large a file may be that somebody sends: one limit, which forms say and every reader of uploads keeps."""

import datetime

MAX_MEGABYTES = 20
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
# within which the same file is of a second click; later it is to be read anew, against what has changed since
TWICE_WITHIN = datetime.timedelta(minutes=1)
