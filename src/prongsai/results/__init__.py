"""The record: every result that was computed or taken over, unchangeable; which of them are published; imports."""
