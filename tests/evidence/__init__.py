"""A web of invented pages: what is found at filed addresses, good and bad, each with what it truly is."""
