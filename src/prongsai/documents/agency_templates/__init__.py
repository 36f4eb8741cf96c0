"""An agency's own Word template in place of our form: its tags, checking, filling, and a file to start from."""
