"""The sandbox's approved templates: enough kinds to practise all of them on.

In three languages, with gaps by number and by name, with a picture, and one that the
pretended network has paused. Nothing here is ever sent to anybody.
"""

from datetime import datetime

from . import base, errors, items, template_text

#: templates of one page: all of them make two
PAGE = 4


def _template(name, language, body, *examples, fields=(), **more):
    gaps = [
        items.TemplateField(f"body.{number}", example=example)
        for number, example in enumerate(examples, 1)
    ]
    return items.Template(
        key=f"{name}/{language}",
        name=name,
        language=language,
        body=body,
        **{"status": "approved", **more},
        fields=(*fields, *gaps),
    )


TEMPLATES = (
    _template(
        "news_on_your_ticket",
        "en",
        "Hello {{1}}, there is news on your ticket {{2}}. May we write to you here?",
        "Jo",
        "HT00042",
        footer="Answer with stop to hear no more",
        buttons=("Yes", "No"),
    ),
    _template(
        "news_on_your_ticket",
        "es",
        "Hola {{1}}, tenemos noticias sobre su caso {{2}}. ¿Podemos escribirle aquí?",
        "Jo",
        "HT00042",
        buttons=("Sí", "No"),
    ),
    _template(
        "news_on_your_ticket",
        "de",
        "Hallo {{1}}, es gibt Neues zum Vorgang {{2}}. Dürfen wir hier schreiben?",
        "Jo",
        "HT00042",
        buttons=("Ja", "Nein"),
    ),
    items.Template(
        key="parcel_found/en",
        name="parcel_found",
        language="en",
        header="Good news, {{customer_name}}",
        body="Your parcel has been found. It will be with you on {{day}}.",
        status="approved",
        fields=(
            items.TemplateField("header.customer_name", example="Jo"),
            items.TemplateField("body.day", example="Friday"),
        ),
        extra={"named": True},
    ),
    _template(
        "your_invoice",
        "en",
        "Here is the invoice you asked for.",
        fields=(items.TemplateField("header.file", "file"),),
    ),
    _template("spring_offer", "en", "Spring is here!", usable=False, status="paused"),
)


def withdrawn(setting: str) -> frozenset[str]:
    """Names of templates that the pretended network has withdrawn."""
    return frozenset(one.strip() for one in (setting or "").split(",") if one.strip())


class SandboxTemplates(base.Adapter):
    """What the sandbox does with them; no adapter yet."""

    def _window(self, message: items.MessageFacts) -> datetime | None:
        """Until when free words may be sent in private; None: for good."""
        raise NotImplementedError

    def _template_ways(self, message: items.MessageFacts) -> list[items.Affordance]:
        """Approved words, where there is a window that may close."""
        theirs = message.audience == items.PRIVATE and not message.own
        if message.deleted or not theirs or not self._window(message):
            return []
        blocked = "blocked" if message.blocked else ""
        return [items.Affordance(base.TEMPLATE, not blocked, blocked)]

    def templates(self, cursor: str = "") -> items.TemplatePage:
        """In pages, of which the second is the last."""
        self.check()
        gone = withdrawn(self.settings.get("withdrawn_templates"))
        start = int(cursor) if cursor.isdecimal() else 0
        end = start + PAGE
        found = tuple(one for one in TEMPLATES[start:end] if one.name not in gone)
        more = end < len(TEMPLATES)
        return items.TemplatePage(found, str(end) if more else "", more)

    def preview(self, filled: items.FilledTemplate) -> str:
        return template_text.preview(filled)

    def _words_of(self, draft: items.Draft) -> str:
        """What is said: a template's words come from it alone.

        :raises RejectedError: a gap is left open, or the network refuses the template
        """
        if not draft.template:
            return draft.text
        one = draft.template.template
        if one.name in withdrawn(self.settings.get("withdrawn_templates")):
            raise errors.RejectedError("template_gone", one.key)
        if not one.usable:
            raise errors.RejectedError("template_refused", one.status)
        files = [gap for gap in one.fields if gap.kind != "text"]
        if len(files) != len(draft.media):
            raise errors.RejectedError("template_values", "header.file")
        return self.preview(draft.template)
