"""Results that were computed or imported, unchangeable once stored; which of them are published; imports."""
