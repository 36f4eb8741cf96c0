"""The page that says what went wrong and what to do, in the reader's language; programs are answered by the same
words."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prongsai.people.passwords import choose_words


def render_error(
    request: HttpRequest, status: int, title: tuple[str, str], text: tuple[str, str], **context: Any
) -> HttpResponse:
    """``title`` and ``text``: in Thai and in English, and so in ``problem`` of the response, for programs."""
    page = {"title": choose_words(*title), "text": choose_words(*text), "status": status, **context}
    response = render(request, "web/error.html", page, status=status)
    vars(response)["problem"] = title, text
    return response
