"""The class names of ``authenticationConfig.xml``: which this host knows, and what each needs.

http://setgetweb.com/p/MobileFirst/com.ibm.worklight.dev.doc/devref/r_configuring_authenticators_and.html
"""

from collections.abc import Callable, Mapping

from host.access.authenticators import (
    Authenticator,
    BasicAuthenticator,
    FormBasedAuthenticator,
    HeaderAuthenticator,
)
from host.access.given import Given
from host.access.loginmodules import (
    Closed,
    GatewaySignature,
    HeaderLogin,
    LoginModule,
    NonValidating,
    SharedSecret,
    SingleIdentity,
    SourceNetwork,
)
from host.config.settings import Settings
from host.gateways.base import Gateway

IBM = "com.worklight.core.auth.ext."
OURS = "smshost."

_PACKAGES = ("com.worklight.", OURS)  # of classes that are misspelt where they are not in a table

#: Stands for SingleIdentityLoginModule where nobody said who that is.
CONSOLE_UNSET = Closed("console.username and console.password are not both set in worklight.properties")

Gateways = Mapping[str, Gateway]
LoginModuleBuilder = Callable[[Given, Settings, Gateways], LoginModule]


def _header_authenticator(_given: Given) -> Authenticator:
    return HeaderAuthenticator()


def _basic_authenticator(given: Given) -> Authenticator:
    return BasicAuthenticator(given.text("basic-realm-name") or given.name)


def _form_authenticator(given: Given) -> Authenticator:
    return FormBasedAuthenticator(given.name)


def _rejecting(_given: Given, _settings: Settings, _gateways: Gateways) -> LoginModule:
    return Closed("its login module rejects everybody")


def _non_validating(_given: Given, _settings: Settings, _gateways: Gateways) -> LoginModule:
    return NonValidating()


def _single_identity(_given: Given, settings: Settings, _gateways: Gateways) -> LoginModule:
    if not (settings.console_username and settings.console_password):
        return CONSOLE_UNSET
    return SingleIdentity(settings.console_username, settings.console_password)


def _header_login(given: Given, _settings: Settings, _gateways: Gateways) -> LoginModule:
    user = given.needed("user-name-header", "the header in which your proxy names the user")
    given.header("user-name-header")
    return HeaderLogin(user, given.header("display-name-header"))


def _shared_secret(given: Given, _settings: Settings, _gateways: Gateways) -> LoginModule:
    given.only(("secret", "previous-secret", "header", "parameter", "user"))
    names = ("secret", "previous-secret") if "previous-secret" in given.parameters else ("secret",)
    given.needed("secret", "what the gateway must bring")
    secrets = tuple(given.secret(name) for name in names if given.text(name) or name != "secret")
    header, parameter = given.header("header"), given.text("parameter")
    if header and parameter:
        given.complain('has both "header" and "parameter": keep the one the gateway sends the secret in')
    for name in (each for each in names if header and not given.text(each).isascii()):
        given.complain(f'has a "{name}" that no header can carry: take letters and digits (ASCII)', name)
    return SharedSecret(given.name, secrets, header, parameter, given.text("user"))


def _source_network(given: Given, _settings: Settings, _gateways: Gateways) -> LoginModule:
    given.only(("networks",))
    return SourceNetwork(given.networks("networks"))


def _gateway_signature(given: Given, _settings: Settings, gateways: Gateways) -> LoginModule:
    given.only(("gateway",))
    gateway = given.text("gateway")
    if gateway and gateway not in gateways:
        known = ", ".join(sorted(gateways)) or "none"
        given.complain(f'names the gateway "{gateway}", which SMSConfig.xml does not have (it has: {known})', "gateway")
    return GatewaySignature(gateways, gateway)


AUTHENTICATORS: dict[str, Callable[[Given], Authenticator]] = {
    IBM + "HeaderAuthenticator": _header_authenticator,
    IBM + "BasicAuthenticator": _basic_authenticator,
    IBM + "FormBasedAuthenticator": _form_authenticator,
}

LOGIN_MODULES: dict[str, LoginModuleBuilder] = {
    IBM + "RejectingLoginModule": _rejecting,
    IBM + "NonValidatingLoginModule": _non_validating,
    IBM + "SingleIdentityLoginModule": _single_identity,
    IBM + "HeaderLoginModule": _header_login,
    OURS + "SharedSecretLoginModule": _shared_secret,
    OURS + "SourceNetworkLoginModule": _source_network,
    OURS + "GatewaySignatureLoginModule": _gateway_signature,
}

#: Recognised, so that published files start; without an app on the phone or an application server nobody passes them.
CLOSED_AUTHENTICATORS = {
    "com.worklight.integration.auth.AdapterAuthenticator",
    IBM + "AntiXSRFAuthenticator",
    IBM + "DeviceAutoProvisioningAuthenticator",
    IBM + "PersistentCookieAuthenticator",
    IBM + "TrusteerAuthenticator",
    IBM + "UserCertificateAuthenticator",
    IBM + "WebSphereFormBasedAuthenticator",
}

CLOSED_LOGIN_MODULES = {
    IBM + "AntiXSRFLoginModule",
    IBM + "DeviceAutoProvisioningLoginModule",
    IBM + "LdapLoginModule",
    IBM + "TrusteerLoginModule",
    IBM + "UserCertificateLoginModule",
    IBM + "WebSphereLoginModule",
}


def is_custom(class_name: str) -> bool:
    """Whether it is a class of a team's own, written in Java: a project starts with it, and nobody passes it."""
    return "." in class_name and not class_name.startswith(_PACKAGES)


def why_closed(class_name: str) -> str:
    """Why a class of a team's own admits nobody."""
    return f"the Java class {class_name} does not run here"
