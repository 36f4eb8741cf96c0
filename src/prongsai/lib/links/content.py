"""What a body holds."""


def text_of(body: bytes, content_type: str = "") -> str:
    """The text of a page or document, in reading order, a line a paragraph; "" where there is none or it cannot be read.

    HTML (without menus, scripts and the like), PDF, .docx, .xlsx, plain text. Synchronous; documents are opened in
    another process with limits on memory and time.
    """
    raise NotImplementedError
