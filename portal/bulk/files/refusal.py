"""Why a whole file is refused, in words for the person who sent it."""


class FileRefused(Exception):
    """The file cannot be used as it is. ``str()`` says what is wrong, where, and what to do."""
