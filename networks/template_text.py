"""Approved words with gaps: what goes into them, and what the person will read.

Shared by the networks that have templates. Gaps are written ``{{name}}`` in header and
body; a field is called ``part.name`` (``body.1``). Pure; it never sends anything and
leaves no gap open.
"""

import re

from . import items
from .errors import RejectedError

GAP = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}", re.ASCII)
#: what a gap may be filled with has no line breaks and no runs of spaces (fact sheet
#: whatsapp §5, 132000)
SPACE = re.compile(r"\s+")
MAX_VALUE = 1024


def value_of(filled: items.FilledTemplate, name: str) -> str:
    """What goes into a gap.

    :raises RejectedError: nothing does, or more than fits
    """
    value = SPACE.sub(" ", filled.values.get(name) or "").strip()
    if not value or len(value) > MAX_VALUE:
        raise RejectedError("template_values", name)
    return value


def preview(filled: items.FilledTemplate) -> str:
    """Header, text, footer and buttons as the person will read them.

    :raises RejectedError: a gap is left open
    """
    one = filled.template

    def fill(part: str, text: str) -> str:
        return GAP.sub(lambda gap: value_of(filled, f"{part}.{gap.group(1)}"), text)

    lines = [fill("header", one.header), fill("body", one.body), one.footer]
    lines += [f"[{label}]" for label in one.buttons if label]
    return "\n".join(line for line in lines if line)
