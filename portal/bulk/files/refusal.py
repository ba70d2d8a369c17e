"""Why a whole file is refused, or a value in it, in words for the person who sent it."""


class FileRefused(Exception):
    """The file cannot be used as it is. ``str()`` says what is wrong, where, and what to do."""


class Bad(ValueError):
    """The value is not allowed; ``messages`` say why."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages
