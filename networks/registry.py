"""Finds the adapters: every module of this package that defines one.

A new network is a new file and nothing else. It must never name a network.
"""

import importlib
import pkgutil
from functools import cache

from .base import Adapter


@cache
def adapters() -> dict[str, type[Adapter]]:
    """Code -> adapter class, for every network in this folder."""
    package = __package__
    found: dict[str, type[Adapter]] = {}
    path = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(path):
        namespace = importlib.import_module(f"{package}.{module.name}")
        for value in vars(namespace).values():
            if (
                isinstance(value, type)
                and issubclass(value, Adapter)
                and value.code
                and value.__module__ == namespace.__name__
            ):
                found[value.code] = value
    return found
