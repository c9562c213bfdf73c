"""An SMSC that speaks CIMD2 (Nokia, CIMD Interface Specification 8.0): logins, submits, texts from phones and reports.

A message: ``OO:SSS<TAB>PPP:value<TAB>...CK`` between STX and ETX.
"""

import re

from tests.smsc import gsm7
from tests.smsc.framed import STX, FramedSmsc
from tests.smsc.peer import PASSWORD, REFUSED, UNREACHED, USER, Piece, Submitted

LOGIN, LOGOUT, SUBMIT, DELIVER, REPORT = 1, 2, 3, 20, 23
_ANSWER = 50
_TIME = "2611{:08}"  # yymmddhhmmss, unlike for every text
_UCS2 = "8"

# What stands for characters that are not the same in ISO 8859-1 (the specification's appendix A).
_CHARACTERS = '@£¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"¤¡ÄÖÑÜ§¿äöñüà\x1b'
_CODES = "Oa L- Y- e` e' u` i` o` C, O/ o/ A* a* gd -- gf gg gl go gp gi gs gt gx AE ae ss E' qq ox !! "
_CODES += 'A" O" N~ U" so ?? a" o" n~ u" a` XX'
SPECIAL = dict(zip(_CHARACTERS, _CODES.split(), strict=True))
_MEANT = {f"_{code}": character for character, code in SPECIAL.items()}


def message(operation: int, number: int, *parameters: tuple[str, str]) -> str:
    """A message without STX and ETX."""
    text = f"{operation:02}:{number:03}\t" + "".join(f"{name}:{value}\t" for name, value in parameters)
    return f"{text}{checksum(text)}"


def read(frame: str) -> tuple[int, int, dict[str, str]]:
    """A message's operation, number and parameters."""
    head, *parameters, check = frame.split("\t")
    assert check == checksum(frame[:-2]), frame
    operation, number = map(int, head.split(":"))
    return operation, number, dict(each.split(":", 1) for each in parameters)


def checksum(text: str) -> str:
    """The low octet of the sum of everything from STX on, in hexadecimal."""
    return f"{sum(STX + text.encode('latin-1')) & 0xFF:02X}"


class Cimd2(FramedSmsc):
    """``said``: the number of the last operation it began; those of the SMSC are even."""

    said = 0

    def hear(self, frame: str) -> None:
        operation, number, given = read(frame)
        if operation >= _ANSWER:
            if operation >= 98 or "900" in given:
                self.errors.append(frame)
        elif operation == LOGIN:
            self._login(number, given)
        elif operation == SUBMIT:
            self._submit(number, given)
        else:
            self.say(message(operation + _ANSWER, number))

    def _login(self, number: int, given: dict[str, str]) -> None:
        if (given["010"], given["011"]) != (USER, PASSWORD):
            self.say(message(LOGIN + _ANSWER, number, ("900", "100"), ("901", "invalid login")))
            return
        self.logins += 1
        self.say(message(LOGIN + _ANSWER, number))

    def _submit(self, number: int, given: dict[str, str]) -> None:
        phone = given["021"]
        if phone.endswith(REFUSED):
            self.say(message(SUBMIT + _ANSWER, number, ("900", "300"), ("901", "incorrect destination address")))
            return
        self.submitted.append(submitted(given))
        time = _TIME.format(len(self.submitted))
        self.say(message(SUBMIT + _ANSWER, number, ("021", phone), ("060", time)))
        if given.get("056", "0") != "0":
            status = ("3", "010") if phone.endswith(UNREACHED) else ("4", "000")
            report = (("021", phone), ("060", time), ("061", status[0]), ("062", status[1]), ("063", time))
            self.later(lambda: self._begin(REPORT, *report))

    def bring(self, sender: str, receiver: str, piece: Piece) -> None:
        header = [("032", piece.header.hex().upper())] if piece.header else []
        coding = [("030", _UCS2)] if piece.ucs2 else []
        text = ("034", piece.octets.hex().upper()) if piece.ucs2 else ("033", spelled(piece.octets))
        self._begin(DELIVER, ("021", receiver), ("023", sender), ("060", _TIME.format(0)), *coding, *header, text)

    def _begin(self, operation: int, *parameters: tuple[str, str]) -> None:
        self.said = (self.said + 2) % 256
        self.say(message(operation, self.said, *parameters))


def spelled(octets: bytes) -> str:
    """GSM-7 as user data."""
    return "".join(f"_{SPECIAL[each]}" if each in SPECIAL else each for each in map(gsm7.BASIC.__getitem__, octets))


def meant(data: str) -> str:
    """The text of user data: as it is spelled, or in ISO 8859-1."""
    text = re.sub(r"_..", lambda found: _MEANT[found[0]], data)
    return gsm7.decode(b"".join(bytes([gsm7.BASIC.index(each)]) for each in text))


def submitted(given: dict[str, str]) -> Submitted:
    """What the parameters of a submit say."""
    header = bytes.fromhex(given.get("032", ""))
    ucs2 = given.get("030") == _UCS2
    text = bytes.fromhex(given["034"]).decode("utf-16-be", "surrogatepass") if ucs2 else meant(given["033"])
    return Submitted(given.get("023", given.get("027", "")), given["021"], text, ucs2, header)
