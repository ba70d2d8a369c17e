"""One module a family. Importing a module registers its handlers, so a new family is a new file here."""

import importlib
import pkgutil


def load() -> None:
    """Import every handler module."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
