"""Findings become measures: an agency's plan on its result, the approval, the follow-up and the scores that follow."""
