"""``python -m prongsai.cli``: the same as the command ``prongsai``."""

from prongsai.cli import main

main()
