"""Front of house: the public site, the desks' frame, the API, components, static files. No rules of the domain."""
