"""An app with jobs for the tests: whoever installs it has them done by the worker."""
