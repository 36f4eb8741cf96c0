"""Findings become measures: the plan an agency makes of its result, its approval, the follow-up, and what became of the
scores."""
