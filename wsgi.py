"""The host for any WSGI server: ``granian --interface wsgi wsgi:app``; options from SMSHOST_* variables."""

from host.app import create_app

app = create_app()
