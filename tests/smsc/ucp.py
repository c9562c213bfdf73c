"""An SMSC that speaks UCP/EMI (EMI specification, 4.0): logins, submits, texts from phones and reports.

A message: ``TRN/LEN/O|R/OT/fields/CK`` between STX and ETX.
"""

from tests.smsc import gsm7
from tests.smsc.framed import FramedSmsc
from tests.smsc.peer import PASSWORD, REFUSED, UNREACHED, USER, Piece, Submitted

LOGIN, ALERT, SUBMIT, DELIVER, REPORT = "60", "31", "51", "52", "53"
_FIELDS = 33
_ADC, _OADC, _NRQ, _SCTS, _DST, _RSN, _DSCTS, _MT, _NB, _MSG, _XSER = 0, 1, 3, 14, 15, 16, 17, 18, 19, 20, 30
_GSM7, _TRANSPARENT = "3", "4"
_HEADER, _DCS = 0x01, 0x02  # types in XSer
_UCS2 = 0x08
_TIME = "2011{:08}"  # DDMMYYhhmmss, unlike for every text


def message(number: int, kind: str, operation: str, *fields: str) -> str:
    """A message without STX and ETX."""
    body = "/".join(fields)
    text = f"{number:02}/{len(body) + 17:05}/{kind}/{operation}/{body}/"
    return f"{text}{checksum(text)}"


def checksum(text: str) -> str:
    """The low octet of the sum, in hexadecimal."""
    return f"{sum(text.encode('latin-1')) & 0xFF:02X}"


class Ucp(FramedSmsc):
    """``said``: how many operations it began."""

    said = 0

    def hear(self, frame: str) -> None:
        number, length, kind, operation, *fields, check = frame.split("/")
        assert (int(length), check) == (len(frame), checksum(frame[:-2])), frame
        if kind == "R":
            if fields[0] != "A":
                self.errors.append(frame)
            return
        if operation == LOGIN:
            self._login(number, fields)
        elif operation == SUBMIT:
            self._submit(number, fields)
        else:
            self.say(message(int(number), "R", operation, "A", ""))

    def _login(self, number: str, fields: list[str]) -> None:
        if (fields[0], bytes.fromhex(fields[4]).decode()) != (USER, PASSWORD):
            self.say(message(int(number), "R", LOGIN, "N", "07", "Authentication failure"))
            return
        self.logins += 1
        self.say(message(int(number), "R", LOGIN, "A", "Authenticated"))

    def _submit(self, number: str, fields: list[str]) -> None:
        if fields[_ADC].endswith(REFUSED):
            self.say(message(int(number), "R", SUBMIT, "N", "06", "AdC invalid"))
            return
        self.submitted.append(_submitted(fields))
        time = _TIME.format(len(self.submitted))
        self.say(message(int(number), "R", SUBMIT, "A", "", f"{fields[_ADC]}:{time}"))
        if fields[_NRQ] == "1":
            failed = fields[_ADC].endswith(UNREACHED)
            status = {_DST: "2" if failed else "0", _RSN: "107" if failed else "000", _DSCTS: time}
            said = b"unknown" if failed else b"delivered"
            report = {**status, _SCTS: time, _MSG: said.hex().upper()}
            self.later(lambda: self._begin(REPORT, fields[_OADC], fields[_ADC], report))

    def bring(self, sender: str, receiver: str, piece: Piece) -> None:
        xser = ([bytes([_HEADER, len(piece.header)]) + piece.header] if piece.header else []) + (
            [bytes([_DCS, 1, _UCS2])] if piece.ucs2 else []
        )
        text = {_MSG: piece.octets.hex().upper(), _XSER: b"".join(xser).hex().upper()}
        if piece.ucs2:
            text |= {_MT: _TRANSPARENT, _NB: str(len(piece.octets) * 8)}
        self._begin(DELIVER, receiver, sender.lstrip("+"), {_SCTS: _TIME.format(0), **text})

    def _begin(self, operation: str, to: str, sender: str, more: dict[int, str]) -> None:
        fields = {_ADC: to, _OADC: sender, _MT: _GSM7, **more}
        self.said += 1
        self.say(message(self.said % 100, "O", operation, *(fields.get(each, "") for each in range(_FIELDS))))


def _submitted(fields: list[str]) -> Submitted:
    octets, extra = bytes.fromhex(fields[_MSG]), _services(fields[_XSER])
    header = extra.get(_HEADER, b"")
    if fields[_MT] == _GSM7:
        return Submitted(fields[_OADC], fields[_ADC], gsm7.decode(octets), False, header)
    assert (extra[_DCS], int(fields[_NB])) == (bytes([_UCS2]), len(octets) * 8), fields
    return Submitted(fields[_OADC], fields[_ADC], octets.decode("utf-16-be", "surrogatepass"), True, header)


def _services(xser: str) -> dict[int, bytes]:
    """XSer: type, length and data, one after the other."""
    octets, found = bytes.fromhex(xser), {}
    while octets:
        found[octets[0]] = octets[2 : 2 + octets[1]]
        octets = octets[2 + octets[1] :]
    return found
