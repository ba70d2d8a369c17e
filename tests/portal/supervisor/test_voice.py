"""The lines in the terminal."""

from io import StringIO

from portal.supervisor.voice import LONGEST_LINE, Voice


def test_every_line_of_a_text_carries_the_name() -> None:
    out = StringIO()
    Voice(out).say("one\ntwo", "beat")
    assert out.getvalue() == "beat     │ one\nbeat     │ two\n"


def test_without_a_name_the_portal_itself_speaks() -> None:
    out = StringIO()
    Voice(out).say("hello")
    assert out.getvalue() == "portal   │ hello\n"


def test_an_empty_line_stays_a_line() -> None:
    out = StringIO()
    Voice(out).say("")
    assert out.getvalue() == "portal   │\n"


def test_colours_only_when_asked_for() -> None:
    out = StringIO()
    Voice(out, colour=True).say("hello", "web")
    assert out.getvalue() == "\x1b[32mweb      │\x1b[0m hello\n"


def test_an_endless_line_is_cut() -> None:
    out = StringIO()
    Voice(out).say("x" * 100_000, "web")
    assert len(out.getvalue()) == LONGEST_LINE + len("web      │ \n")


def test_a_closed_terminal_does_not_stop_the_portal() -> None:
    class Closed(StringIO):
        def writelines(self, _lines: object) -> None:
            raise BrokenPipeError

    Voice(Closed()).say("into the void")
