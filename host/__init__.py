"""A two-way SMS host that runs MobileFirst-style adapters."""

__version__ = "0.1.0"
