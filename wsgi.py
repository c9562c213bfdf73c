"""The host for any WSGI server: ``granian --interface wsgi wsgi:app``; options from SMSHOST_* variables."""

import logging

from host.app import create_app
from host.showing import log_to_terminal

log_to_terminal(logging.INFO)
app = create_app()
