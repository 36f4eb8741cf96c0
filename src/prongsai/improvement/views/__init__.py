"""The pages of plans: drafting and editing, approval, follow-up and reports, outcome and what-if, the library, the
nation and the public."""
