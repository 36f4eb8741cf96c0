"""The public log: appending, signing, serving, witnessing, and telling a forgery from a receipt."""
