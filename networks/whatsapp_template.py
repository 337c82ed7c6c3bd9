"""WhatsApp's templates: what they hold, what the person will read, how they are sent.

Approved words with gaps, in one language each; the only thing that may be said once 24
hours have passed. Pure. Fact sheet whatsapp §5.
"""

from collections.abc import Mapping

from . import items
from .errors import RejectedError
from .template_text import GAP, value_of
from .values import listing, mapping, words

FIELDS = "id,name,language,status,category,parameter_format,components"
#: formats of a header that are a file
FILES = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "file"}
#: category -> key of ``prices``
CATEGORIES = {
    "MARKETING": "template_marketing",
    "UTILITY": "template_utility",
    "AUTHENTICATION": "template_authentication",
}


# --- reading ----------------------------------------------------------------------
def template_of(row: Mapping) -> items.Template | None:
    """A row of the list; None for what cannot be one."""
    name, language = words(row.get("name")), words(row.get("language"))
    if not name or not language:
        return None
    texts, fields, buttons, own = {}, [], [], {}
    for part in map(mapping, listing(row.get("components"))):
        kind = words(part.get("type")).upper()
        if kind in ("HEADER", "BODY", "FOOTER"):
            texts[kind] = words(part.get("text"))
            fields += _gaps(kind.lower(), texts[kind], part)
            file = FILES.get(words(part.get("format")).upper())
            if kind == "HEADER" and file:
                fields.append(items.TemplateField("header.file", file))
        elif kind == "BUTTONS":
            for index, button in enumerate(map(mapping, listing(part.get("buttons")))):
                buttons.append(words(button.get("text")))
                if GAP.search(words(button.get("url"))):
                    fields.append(items.TemplateField(f"button.{index}"))
        elif kind:
            own["unsupported"] = kind[:40]
    if words(row.get("parameter_format")).upper() == "NAMED":
        own["named"] = True
    status = words(row.get("status")).upper()
    category = words(row.get("category")).upper()
    return items.Template(
        key=f"{name}/{language}",
        name=name,
        language=language,
        body=texts.get("BODY", ""),
        # a carousel or an offer has parts that we cannot fill
        usable=status == "APPROVED" and "unsupported" not in own,
        status=status.lower(),
        category=CATEGORIES.get(category, ""),
        header=texts.get("HEADER", ""),
        footer=texts.get("FOOTER", ""),
        buttons=tuple(buttons),
        fields=tuple(fields),
        extra=own,
    )


def _gaps(part: str, text: str, component: Mapping) -> list[items.TemplateField]:
    """Each gap once, in its order, with the example that was approved."""
    names = list(dict.fromkeys(GAP.findall(text)))
    examples = _examples(mapping(component.get("example")), part)
    return [
        items.TemplateField(
            f"{part}.{name}",
            example=examples.get(name) or examples.get(str(index)) or "",
        )
        for index, name in enumerate(names, 1)
    ]


def _examples(example: Mapping, part: str) -> dict[str, str]:
    found = {}
    for one in map(mapping, listing(example.get(f"{part}_text_named_params"))):
        found[words(one.get("param_name"))] = words(one.get("example"))
    listed = listing(example.get(f"{part}_text"))
    listed = listed[0] if listed and isinstance(listed[0], list) else listed
    found |= {str(index): words(one) for index, one in enumerate(listed, 1)}
    return found


# --- sending -----------------------------------------------------------------------
def content_of(filled: items.FilledTemplate, file: Mapping | None) -> dict:
    """The ``template`` of a message.

    :param file: {"image": {"id": …}} for a header that is a file
    :raises RejectedError: a gap is left open, or the template cannot be used
    """
    one = filled.template
    if not one.usable:
        raise RejectedError("template_refused", one.status)
    parts: dict[str, list] = {}
    for gap in one.fields:
        part, _dot, name = gap.name.partition(".")
        if gap.name == "header.file":
            if not file or gap.kind not in _kind_of_file(file):
                raise RejectedError("template_values", gap.name)
            parts["header"] = [{"type": next(iter(file)), **file}]
        elif part == "button":
            text = {"type": "text", "text": value_of(filled, gap.name)}
            parts[gap.name] = [text]
        else:
            text = {"type": "text", "text": value_of(filled, gap.name)}
            if one.extra.get("named"):
                text["parameter_name"] = name
            parts.setdefault(part, []).append(text)
    components = []
    for part, parameters in parts.items():
        kind, _dot, index = part.partition(".")
        component = {"type": kind, "parameters": parameters}
        if kind == "button":
            component |= {"sub_type": "url", "index": index}
        components.append(component)
    found = {"name": one.name, "language": {"code": one.language}}
    return found | ({"components": components} if components else {})


def _kind_of_file(file: Mapping) -> tuple[str, ...]:
    return tuple({"document": "file"}.get(one, one) for one in file)
