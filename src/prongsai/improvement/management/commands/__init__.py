"""Commands of the improvement room."""
