"""Who logged in by a form, kept in a signed cookie: one for each realm, and good for nothing else.

The signature covers the realm, what its login module was configured to, who it is and until when. Nothing is stored,
so that whatever process the next request reaches knows the session; it ends by time, by a change of the configuration,
and with the key. https://itsdangerous.palletsprojects.com/en/stable/concepts/
"""

import hashlib
import json
import time
from dataclasses import astuple, dataclass, is_dataclass

from itsdangerous import BadData, URLSafeSerializer
from werkzeug.http import dump_cookie, parse_cookie

from host.config.authconfig import LoginModuleConfig, Realm
from host.errors import Refused
from host.messages import HttpRequest, Identity

_UNTIL_THE_BROWSER_ENDS = -1
_MOST_COOKIES = 4  # of one name; another host of the domain may have set one as well


@dataclass(frozen=True)
class Session:
    """The sessions of one realm. ``seconds``: how long one lasts, -1 for until the browser ends."""

    realm: str
    seconds: int
    path: str
    serializer: URLSafeSerializer

    @property
    def cookie(self) -> str:
        """The cookie's name: realms may be called what cookies may not."""
        return f"smshost-{hashlib.sha256(_bytes(self.realm)).hexdigest()[:12]}"

    def begin(self, identity: Identity, request: HttpRequest) -> str:
        """The ``Set-Cookie`` of a new session."""
        until = None if self.seconds == _UNTIL_THE_BROWSER_ENDS else time.time() + self.seconds
        token = self.serializer.dumps([identity.user, identity.display_name, until])
        secure = request.url.startswith("https:")
        return dump_cookie(
            self.cookie, str(token), path=self.path, secure=secure, httponly=True, samesite="Strict", max_size=0
        )

    def identity(self, request: HttpRequest) -> Identity:
        """Who it is, by the cookie; raises :class:`Refused`."""
        header = request.headers.get("cookie", "").encode("ascii", "replace").decode()
        brought = parse_cookie(header).getlist(self.cookie)
        if not brought:
            raise Refused("nobody has logged in")
        for token in brought[:_MOST_COOKIES]:
            try:
                user, display_name, until = self.serializer.loads(token)
            except BadData:
                continue
            if until is None or time.time() < until:
                return Identity(user, self.realm, display_name)
        raise Refused("the session has ended, or its cookie is not of this realm and its present configuration")


def session(key: str, realm: Realm, module: LoginModuleConfig, judge: object, path: str) -> Session:
    """The sessions of a realm. ``judge``: the login module, with the credentials that it was configured to."""
    values = astuple(judge) if is_dataclass(judge) and not isinstance(judge, type) else ()
    parameters = sorted((each.name, each.value) for each in module.parameters)
    said = [realm.name, realm.class_name, module.name, module.class_name, module.expiration_in_seconds, parameters]
    state = hashlib.sha256(_bytes(json.dumps([*said, repr(values)]))).hexdigest()
    signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    serializer = URLSafeSerializer(_bytes(key), salt=f"smshost.session {state}".encode(), signer_kwargs=signer)
    return Session(realm.name, module.expiration_in_seconds, path, serializer)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a .properties file can spell lone surrogates
