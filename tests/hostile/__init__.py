"""Files and bytes made to do harm."""
