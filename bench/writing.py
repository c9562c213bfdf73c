"""The page that shows the last measured tables."""

from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "performance.md"
BEGIN, END = "<!-- measured: written by python -m bench --write -->", "<!-- end of what is written -->"


def write(lines: list[str]) -> None:
    """Put lines between the page's markers, in place of what is there."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([f"{before}{BEGIN}", "", *lines, f"{END}{after}"]), encoding="utf-8")
