"""The judgement: strengths and points to develop, year on year, what-if, and the arithmetic audit."""
