"""Reading published results back into figures, each with the place it stood. Decides nothing about what is right."""
