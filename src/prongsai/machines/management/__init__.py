"""Commands of the machines room."""
