"""Reading a page in a test as a person does: white space is one space, wherever the template breaks its lines."""

import re
from html.parser import HTMLParser

from django.http import HttpResponse


def markup(response: HttpResponse) -> str:
    """The page with each run of white space as one space, and none after an opening or before a closing tag."""
    text = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r"\s+(?=</)", "", re.sub(r"(<[a-z][^<>]*>) ", r"\1", text))


def plan_fields(text):
    """What a browser would send of the form of a plan's edit page, unchanged."""

    class Form(HTMLParser):
        def __init__(self):
            super().__init__()
            self.sent, self.area, self.select = {}, None, None

        def handle_starttag(self, tag, attrs):
            a = dict(attrs)
            if tag == "input" and a.get("name") and a.get("type") not in ("submit", "file"):
                if a.get("type") != "checkbox" or "checked" in a:
                    self.sent.setdefault(a["name"], []).append(a.get("value", ""))
            elif tag == "textarea":
                self.area = a["name"]
                self.sent[self.area] = [""]
            elif tag == "select":
                self.select = a["name"]
            elif tag == "option" and self.select and ("selected" in a or self.select not in self.sent):
                self.sent[self.select] = [a["value"]]

        def handle_endtag(self, tag):
            self.area = None if tag == "textarea" else self.area
            self.select = None if tag == "select" else self.select

        def handle_data(self, data):
            if self.area:
                self.sent[self.area][0] += data

    form = Form()
    form.feed(text[text.index('id="plan-form"') :])
    return {k: v for k, v in form.sent.items() if re.match(r"m\d", k)}
