"""Measurements of the host: `make bench`, or ``python -m bench receive`` for one; see docs/explanation/performance.md."""
