"""``python -m host`` is ``smshost``."""

from host.cli import main

main()
