"""Parameters out of queries, forms, multipart bodies and JSON objects."""

import pytest

from host.errors import BadCallback
from host.parameters import Parameters, read

BOUNDARY = "multipart/form-data; boundary=x"


def _multipart(*fields: tuple[str, str]) -> bytes:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    return ("".join(parts) + "--x--\r\n").encode()


@pytest.mark.parametrize(
    ("query", "body", "content_type", "texts"),
    [
        (b"", b"", "", ()),
        (b"a=1&b=2", b"", "", (("a", "1"), ("b", "2"))),
        (b"a=1&&b", b"", "", (("a", "1"), ("b", ""))),
        (b"a=x%20y+z%2B", b"", "", (("a", "x y z+"),)),
        (b"a=%C3%A9%FF%00", b"", "", (("a", "é\ufffd\ufffd"),)),
        (b"a=1", b"a=2", "application/x-www-form-urlencoded; charset=utf-8", (("a", "1"), ("a", "2"))),
        (b"", b"a=\xc3\xa9", "", (("a", "é"),)),
        (b"", _multipart(("a", "1"), ("b", "x\r\ny")), BOUNDARY, (("a", "1"), ("b", "x\r\ny"))),
        (b"", b'{"a": "1", "n": 5, "o": {"p": [1]}, "e": null}', "application/json",
         (("a", "1"), ("n", "5"), ("o", '{"p": [1]}'), ("e", ""))),
        (b"", b'{"a": "\\ud800\\u0000"}', "application/json", (("a", "\ufffd\ufffd"),)),
        (b"a=1", b"anything", "text/plain", (("a", "1"),)),
    ],
)  # fmt: skip
def test_pairs_in_the_order_sent(
    query: bytes, body: bytes, content_type: str, texts: tuple[tuple[str, str], ...]
) -> None:
    assert read(query, body, content_type).texts() == texts


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"{", "application/json", "the JSON body is broken: "),
        (b"[1]", "application/json", "the JSON body must be an object of names and values"),
        (b"[" * 10_000, "application/json", "the JSON body is nested too deep"),
        (b'{"a":' * 10_000, "application/json", "the JSON body is nested too deep"),
        (b"\xff", "application/json", "the JSON body is broken: "),
        (b"--x\r\n", "multipart/form-data", "the multipart body names no boundary in its Content-Type"),
        (
            b"--x\r\n",
            f"multipart/form-data; boundary={'x' * 71}",
            "the multipart body's boundary is longer than 70 characters",
        ),
        (
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
            BOUNDARY,
            "the multipart body is broken or ends too early",
        ),
        (b"rubbish", BOUNDARY, "the multipart body is broken or ends too early"),
        (b"--x\r\nno header\r\n\r\n1\r\n--x--\r\n", BOUNDARY, "the multipart body is broken or ends too early"),
        (b"&".join(b"a=1" for _ in range(1001)), "", "1001 parameters: at most 1000 are accepted"),
    ],
)
def test_a_broken_body_is_named(body: bytes, content_type: str, said: str) -> None:
    with pytest.raises(BadCallback) as caught:
        read(b"", body, content_type)
    assert str(caught.value).startswith(said)


def test_the_first_value_counts_and_all_are_kept() -> None:
    parameters = read(b"a=1&a=2&b=%FF", b"", "")
    assert dict(parameters) == {"a": "1", "b": "\ufffd"}
    assert (parameters.all("a"), parameters.raw("b"), parameters.raw("c")) == (["1", "2"], b"\xff", b"")
    assert (parameters.lossless(), Parameters(()).lossless()) == (False, True)
