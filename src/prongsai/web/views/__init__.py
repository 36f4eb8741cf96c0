"""Views of the public site and the desk's front page."""
