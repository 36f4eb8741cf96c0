"""The pages of the disclosure room: the desks of agency, assessor and office, and the public page."""
