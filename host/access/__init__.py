"""Who may call: security tests, realms, authenticators and login modules, as ``authenticationConfig.xml`` names them.

Closed until opened: a path that no resource governs is refused, and so is everything this host cannot check.
"""

from host.access.build import build_rules
from host.access.calls import judged_path, procedure_path
from host.access.forms import LoggedIn, log_in
from host.access.rules import LOGIN, AccessRules, admit, knock, without_credentials

__all__ = [
    "LOGIN",
    "AccessRules",
    "LoggedIn",
    "admit",
    "build_rules",
    "judged_path",
    "knock",
    "log_in",
    "procedure_path",
    "without_credentials",
]
