"""``smshost check --project``: what of a project runs here, what does not and why; plain text, one fact a line."""

from host.migration.report import Report, report

__all__ = ["Report", "report"]
