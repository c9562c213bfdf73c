"""Who may call: security tests, realms, authenticators and login modules, as ``authenticationConfig.xml`` names them.

Closed until opened: a path that no resource governs is refused, and so is everything this host cannot check.
"""

from host.access.build import build_rules
from host.access.rules import AccessRules, admit, knock, without_credentials

__all__ = ["AccessRules", "admit", "build_rules", "knock", "without_credentials"]
