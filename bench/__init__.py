"""Measurements of the host: `make bench`, or ``python -m bench receive``; see docs/explanation/performance.md."""
