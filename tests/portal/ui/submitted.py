"""What a browser sends for a form as it was drawn, before anybody touches it."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.select = self.first = self.textarea = ""
        self.many = self.chosen = False
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "input" and (found.get("type") not in ("checkbox", "radio") or "checked" in found):
            self.pairs.append((found["name"], found.get("value", "on" if found.get("type") == "checkbox" else "")))
        elif tag == "textarea":
            self.textarea, self.text = found["name"], ""
        elif tag == "select":
            self.select, self.many, self.chosen, self.first = found["name"], "multiple" in found, False, ""
        elif tag == "option":
            self.first = self.first or found["value"]
            if "selected" in found:
                self.chosen = True
                self.pairs.append((self.select, found["value"]))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.pairs.append((self.textarea, self.text.removeprefix("\n")))
        elif tag == "select" and not self.many and not self.chosen:
            self.pairs.append((self.select, self.first))


def submitted(html: str) -> QueryDict:
    reader = _Reader()
    reader.feed(html)
    data = QueryDict(mutable=True)
    for name, value in reader.pairs:
        data.appendlist(name, value)
    return data
