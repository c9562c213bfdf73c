"""Logging in by a form: ``POST /<context>/j_security_check``, as FormBasedAuthenticator has it.

There is no page to log in on: a caller that is refused hears 401, logs in, and asks again with the cookie.
"""

from dataclasses import dataclass

from host.access.authenticators import form_of
from host.access.rules import AccessRules
from host.errors import BadCallback, Refused
from host.messages import HttpRequest, Identity

_REALM = "realm"


@dataclass(frozen=True)
class LoggedIn:
    """Who logged in, and the ``Set-Cookie`` that says so from now on."""

    identity: Identity
    cookie: str


def log_in(rules: AccessRules, request: HttpRequest) -> LoggedIn:
    """Judge the form's user name and password by the login module of its realm.

    The form's ``realm`` says which, where the configuration has several. Raises :class:`Refused`, and
    :class:`~host.errors.BadCallback` for a form without user name, password or realm.
    """
    given = form_of(request).get(_REALM, "")
    if not given and len(rules.forms) > 1:
        raise BadCallback(f'there are several realms to log in to: name one in the parameter "{_REALM}"')
    name = given or next(iter(rules.forms))
    step = rules.forms.get(name)
    if step is None or step.session is None:
        raise Refused("there is no such realm to log in to")
    identity = step.judge(request)
    return LoggedIn(identity, step.session.begin(identity, request))
