"""Parts of long texts, as gateways number them."""

import re

from host.messages import Piece

_NUMBER = re.compile(r"[1-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5]")  # an octet, 3GPP TS 23.040, 9.2.3.24.1


def piece(reference: str, number: str, of: str) -> Piece | None:
    """Which part this is; None where there is no reference, or the numbers make no sense: such a text stands alone."""
    if not reference or not _NUMBER.fullmatch(number) or not _NUMBER.fullmatch(of) or int(number) > int(of):
        return None
    return Piece(reference, int(number), int(of))
