"""The scripts in a page, found as a browser finds them."""

from __future__ import annotations

from html.parser import HTMLParser


class _Scripts(HTMLParser):
    """The texts of the scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.current = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.current = dict(attrs).get("id") or f"script {len(self.texts)}"
            self.texts[self.current] = ""

    def handle_endtag(self, tag: str) -> None:
        self.current = "" if tag == "script" else self.current

    def handle_data(self, data: str) -> None:
        if self.current:
            self.texts[self.current] += data


def parse_scripts(page: str) -> dict[str, str]:
    """Return the texts of the scripts of a page, by their names or numbers.

    >>> parse_scripts('<script id="model">{}</script><script>a < b</script>')
    {'model': '{}', 'script 1': 'a < b'}
    """
    scripts = _Scripts()
    scripts.feed(page)
    return scripts.texts
