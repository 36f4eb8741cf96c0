"""Reading a page in a test as a person does: white space is one space, wherever the template breaks its lines."""

import re

from django.http import HttpResponse


def markup(response: HttpResponse) -> str:
    """The page with each run of white space as one space, and none after an opening or before a closing tag."""
    text = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r"\s+(?=</)", "", re.sub(r"(<[a-z][^<>]*>) ", r"\1", text))
