"""Files that go out with an answer: what the network takes, in words, beforehand.

The adapter says what it takes (``media_rules``), ``networks/media.py`` compares; here
both become sentences that say what to do. Asked before a file is uploaded, when an
answer is queued and again before it is sent. Nobody's word for a file's type is taken.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ..networks import media
from .helpdesk_social_media import DOWNLOAD, SHOWN, size_words, sniff

_lt = LazyTranslate(__name__)

#: problem of ``networks/media.py`` -> a sentence that says what to do
WORDS = {
    "media_none": _lt("No files can be sent here. Send a link instead."),
    "media_type": _lt(
        "%(name)s: this kind of file is not accepted here. Accepted are %(types)s. "
        "Convert it, or send a link."
    ),
    "media_empty": _lt("%(name)s is empty. Choose it again."),
    "media_too_large": _lt(
        "%(name)s has %(size)s, and %(limit)s is the most that is accepted here. Make "
        "it smaller, or send a link."
    ),
    "media_too_many": _lt(
        "%(limit)s files go out with one message at most. Remove some, or send them "
        "with another answer."
    ),
    "media_alone": _lt(
        "%(kinds)s cannot share a message with other files here. Remove the others, or "
        "send them with another answer."
    ),
    "media_mixed": _lt(
        "%(kinds)s cannot stand beside other kinds of files here. Send them with "
        "another answer."
    ),
    "alt_too_long": _lt(
        "The description of %(name)s is too long: %(limit)s characters at most."
    ),
}
ONE_ONLY = _lt(
    "One file goes out with a message. Remove the others, or send them with another "
    "answer."
)
#: types as people call them, where the mime type is no help
NAMES = {"jpeg": "JPEG", "quicktime": "MOV", "mpeg": "MP3", "svg+xml": "SVG"}


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def social_check_files(self, option, files):
        """What keeps files from going out with an answer, before they are uploaded.

        :param option: the composer's choice of audience, account and message
        :param files: list of ``{name, mimetype, size, alt}``, those chosen last at the
            end; the browser's word, checked again when the answer is queued
        :return: ``{"files": [sentence or "" for each], "together": sentence or ""}``
        """
        audience, account, _message = self._social_choice(option)
        known = [
            (
                str(one.get("name") or "")[:200],
                str(one.get("mimetype") or "")[:200],
                max(0, int(one.get("size") or 0)),
                str(one.get("alt") or ""),
            )
            for one in list(files)[:100]
        ]
        rules = account._bare_adapter(tokens={}).media_rules(audience)
        return self._social_file_problems(rules, known)

    @api.model
    def _social_option_files(self, adapter, audience):
        """What the composer has to know about files for this audience."""
        rules = adapter.media_rules(audience)
        return {
            "media": rules.max_files > 0,
            "alt": rules.alt_length > 0,
            "alt_length": rules.alt_length,
            # what the browser's dialog offers first
            "accept": ",".join(
                f"{one}/*" if "/" not in one else one
                for one in rules.types
                if one != "file"
            ),
        }

    @api.model
    def _social_refuse_files(self, adapter, audience, files):
        """Raise, in words, if these attachments cannot go out together.

        :raises UserError: what is wrong with which file, and what to do
        """
        if not files:
            return
        known = []
        for file in files:
            mime = _true_type(file)
            if mime != file.mimetype:
                # what is sent under a wrong name is refused there, or shown as nothing
                file.mimetype = mime
            alt = file.description or ""
            known.append((file.name, mime, len(file.raw or b""), alt))
        found = self._social_file_problems(adapter.media_rules(audience), known)
        words = [*filter(None, found["files"]), found["together"]]
        if any(words):
            raise UserError("\n".join(filter(None, words)))

    @api.model
    def _social_file_problems(self, rules, files):
        """:param files: list of (name, mime, bytes, description)"""
        found = {"files": [""] * len(files), "together": ""}
        problems = media.problems(rules, [one[1:] for one in files])
        for one in problems:
            name, mime, size, _alt = files[one.index]
            words = self._social_file_words(one, rules, name or mime, size)
            if one.index < 0:
                found["together"] = words
            elif not found["files"][one.index]:
                found["files"][one.index] = words
        return found

    @api.model
    def _social_file_words(self, problem, rules, name, size):
        """What is wrong, and what to do about it."""
        words = WORDS[problem.code]
        if problem.code == "media_too_many" and problem.limit == 1:
            words = ONE_ONLY
        text = self.env._(words)  # pylint: disable=translation-not-lazy
        large = problem.code == "media_too_large"
        kinds = rules.alone if problem.code == "media_alone" else rules.unmixed
        return text % {
            "name": name,
            "size": size_words(size),
            "limit": size_words(problem.limit) if large else problem.limit,
            "types": _names(self.env, rules.types),
            "kinds": _names(self.env, kinds).capitalize(),
        }


def _true_type(file):
    """The type of an attachment, whatever the browser that sent it said."""
    said, found = media.plain(file.mimetype), sniff(file.raw or b"")
    kind = media.kind_of(said)
    if kind == "image":
        if media.kind_of(found) == "image":
            return found
        # SVG, TIFF, HEIC … are what they say; a picture that is none is just a file
        return DOWNLOAD if said in SHOWN else said
    if kind in ("video", "audio"):
        # one box holds both: which it is, only who made it knows
        return said if media.kind_of(found) in ("video", "audio") else DOWNLOAD
    return said or DOWNLOAD


def _names(env, names):
    return ", ".join(_type_name(env, one) for one in names)


def _type_name(env, name):
    """``image/jpeg`` or ``image`` as people say it."""
    kind, _slash, subtype = name.partition("/")
    if subtype:
        return NAMES.get(subtype, subtype.removeprefix("x-").upper())
    return {
        "image": env._("pictures"),
        "video": env._("videos"),
        "audio": env._("recordings"),
    }.get(kind) or env._("other files")
