"""What a dialect declares of the ``<parameter>`` elements that it understands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """A ``<parameter>`` that the dialect itself understands; others are the gateway's own and are passed on.

    ``choices``: the only values there are, where not any is one. Start-up checks, masking of secrets and the docs
    derive from this declaration.
    """

    name: str
    help: str
    required: bool = False
    secret: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
