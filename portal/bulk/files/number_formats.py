"""Formats that show numbers with leading zeros, as of staff numbers and postal codes: what is seen is what is meant.

Only whole numbers, and only formats of zeros and fixed texts: ``00000\\-0000``, ``[$-407]000000``, ``"0"00000``,
``000000;-000000``. What shows no more than a number does is read as the number: ``#,##0``, ``0.00``, ``0" min"``.
"""

import re
from itertools import takewhile

_TOKEN = re.compile(
    r"\[\$(?P<sign>[^\]-]*)[^\]]*\]"  # a currency's sign, which is shown, and a language, which is not
    r"|\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]"
    r'|"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<bare>[-+ ()/:$^&\'~{}=€£¥])'
    r"|(?P<blank>_.)|\*."  # as wide as a character, and a character as often as there is room
    r"|(?P<mark>.)",  # a digit, the end of a section, or what is not known here
    re.IGNORECASE | re.DOTALL,
)
_DIGIT = re.compile(r"\d")
Section = list[tuple[bool, str]]  # each part: whether it is a mark, and its text


class NumberFormat:
    """``plain``: it shows whole numbers as they are, or so that nothing is lost by reading them so."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.sections = _sections(code)
        self.plain = not any(map(_pads, self.sections))
        self.conditional = any((True, "[") in section for section in self.sections)  # [<100]00;000

    def show(self, number: int) -> str | None:
        """The number as it is seen. None when it is seen with leading zeros and not known how."""
        negative, zero = number < 0 and len(self.sections) > 1, number == 0 and len(self.sections) > 2
        section = self.sections[1 if negative else 2 if zero else 0]
        if self.conditional:  # no telling here which section it is: the one with most zeros asks for most
            section = max(self.sections, key=_zeros)
        if not _pads(section):
            return str(number)
        sign, digits, zeros = "" if negative or number >= 0 else "-", str(abs(number)), _zeros(section)
        if self.conditional or any(mark and text != "0" for mark, text in section):
            return str(number) if len(digits) >= zeros else None
        digits, shown = digits.zfill(zeros), ""
        for mark, text in section:
            if mark:  # the first of them takes what the others leave
                text, digits = digits[: len(digits) - zeros + 1], digits[len(digits) - zeros + 1 :]  # noqa: PLW2901
                zeros -= 1
            shown += text
        return (sign + shown).strip()


def _sections(code: str) -> list[Section]:
    """For positive numbers, negative ones and zero, as far as there are; without the one for texts."""
    found: list[Section] = [[]]
    for token in _TOKEN.finditer(code):
        kind = token.lastgroup
        if token.group() == ";":
            found.append([])
        elif kind:
            found[-1].append((kind == "mark", " " if kind == "blank" else token.group(kind)))
    return [section for section in found if (True, "@") not in section]


def _zeros(section: Section) -> int:
    marks = "".join(text for mark, text in section if mark)
    return re.split("[.E]", marks, maxsplit=1)[0].count("0")


def _pads(section: Section) -> bool:
    begin = "".join(text for _, text in takewhile(lambda part: not part[0], section))
    return _zeros(section) > 1 or (_zeros(section) == 1 and bool(_DIGIT.search(begin)))  # "0"0 and "+49"0
