"""An agency's public channels and pages: questions answered in public, complaints sealed to those who handle them,
pages of disclosure items."""
