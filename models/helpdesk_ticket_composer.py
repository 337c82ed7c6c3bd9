"""What an agent may say from the ticket form, to whom, as whom, and until when.

An option names everything an answer needs: audience, account, target. The browser
hands its id back; here it is taken apart and checked again. A public answer is
never the default.
"""

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..networks import errors, items
from . import social_failure
from .helpdesk_social_account import HELPDESK_USER
from .social_concern import WRITE, ConcernError, Words

#: conversations offered at once; a click on an older message offers that one too
MAX_TARGETS = 20
#: inbound messages looked through for the newest of each conversation
LOOK_BACK = 200


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === OPTIONS === #
    def social_composer(self, target_id=None):
        """Options of the composer, the default one and this person's drafts.

        :param target_id: a message that was clicked on, offered besides the newest
        """
        self.ensure_one()
        self.check_access("read")
        target_id = int(target_id) if target_id else None
        return self._social_composer(self._social_targets(target_id), target_id)

    def _social_composer(self, targets, target_id=None, drafts=True):
        """:param targets: found with the rights of the person who looks
        :param drafts: may there be any of this person?
        """
        if not self.env.user.has_group(HELPDESK_USER):
            nothing = {"options": [], "default": False, "drafts": [], "seen": {}}
            return {**nothing, "desk": {}}
        affordances = targets._affordances()
        older = self._social_older(targets, affordances)
        if older:
            affordances |= older._affordances()
            targets = targets.union(older).sorted("sent_at desc, id desc")
        targets = targets.sorted("waiting", reverse=True)
        if target_id:
            # what was clicked on stands first
            targets = targets.browse(target_id) & targets | targets
        options = []
        for message in targets:
            options += self._social_options(message, affordances[message.id])
        self._social_mark_older(targets, options)
        newest = {
            message.conversation_id.id: message.id
            for message in targets.sorted(lambda one: (one.sent_at, one.id))
        }
        return {
            "options": options,
            "default": self._social_default(targets, options),
            "drafts": self._social_drafts() if drafts else [],
            "seen": newest,
            "desk": self._social_desk(targets),
        }

    def _social_desk(self, targets):
        """What the desk's features tell the browser along with the composer, by their
        names. Asked with every form: no query where a feature is not used.

        :param targets: what may be answered
        """
        return {}

    @api.model
    def _social_asked(self):
        """What may be answered: received, addressed to us, still there."""
        return (
            Domain("direction", "=", "in")
            & Domain("context", "=", False)
            & Domain("deleted_at", "=", False)
        )

    def _social_targets(self, target_id=None):
        """The newest message of each conversation, and the one that was clicked on."""
        messages = self.env["helpdesk.social.message"]
        mine = Domain("ticket_id", "=", self.id)
        inbound = messages.search_fetch(
            mine & self._social_asked(), order="sent_at desc, id desc", limit=LOOK_BACK
        )
        newest = {}
        for message in inbound:
            newest.setdefault(message.conversation_id, message)
        targets = messages.union(*list(newest.values())[:MAX_TARGETS])
        if target_id:
            targets |= messages.search(mine & Domain("id", "=", target_id))
        return targets

    def _social_options(self, message, affordances):
        """One option per way to answer this message and account that may."""
        options = []
        for account in message.account_id | message.also_account_ids:
            silence = account._silence_reason()
            if not account._may_speak(self.env.user):
                silence = "not_allowed_to_speak"
            adapter = account._bare_adapter(tokens={})
            for afforded in affordances:
                verb, _separator, audience = afforded["kind"].partition("_")
                if verb != "reply" or audience not in items.AUDIENCES:
                    continue
                options.append(
                    self._social_option(message, account, audience, afforded, silence)
                    | self._social_option_files(adapter, audience)
                )
        return options

    def _social_option(self, message, account, audience, afforded, silence):
        person = message.identity_id.display_name or self.env._("this person")
        name = account.display_name
        if audience == items.PUBLIC:
            label = self.env._("Reply publicly as %(account)s", account=name)
        elif audience == items.GROUP:
            label = self.env._("Reply to the group as %(account)s", account=name)
        else:
            label = self.env._("Reply privately as %(account)s", account=name)
        network = account.network_id._catalogue()[account.network_id.id]
        return {
            "id": f"{audience}:{account.id}:{message.id}",
            "audience": audience,
            "account_id": account.id,
            "account": name,
            "message_id": message.id,
            "conversation_id": message.conversation_id.id,
            "person": person,
            "person_id": message.identity_id.id,
            # drafts are kept apart by it
            "draft_person_id": self._social_draft_person(message, audience).id,
            "preview": message.preview or "",
            "waiting": message.waiting,
            # an answer to a public message that goes to the person alone
            "narrower": audience != message.audience,
            "network": network["name"],
            "label": label,
            "allowed": bool(afforded["allowed"]) and not silence,
            "reason": social_failure.explain(self.env, silence)
            if silence
            else afforded.get("reason") or "",
            "until": afforded.get("until") or False,
            "remaining": afforded.get("remaining"),
            "cost": afforded.get("cost") or "",
            "max_length": afforded.get("max_length"),
            "human": bool(afforded.get("human")),
            "human_until": afforded.get("human_until") or False,
            "url": "" if silence == "not_allowed_to_speak" else afforded["url"],
            # what agents must know about private messages of this network
            "note": network["private_note"] if audience == items.PRIVATE else "",
        }

    @api.model
    def _social_default(self, targets, options):
        """Never public by accident: the newest waiting message decides, and only
        when it is not public; otherwise a person chooses. Where it cannot be answered,
        the newest of its conversation that can is; never somebody else's."""
        waiting = targets.filtered("waiting").sorted(lambda one: (one.sent_at, one.id))
        newest = waiting[-1:]
        if not newest or newest.audience == items.PUBLIC:
            return False
        here = targets.filtered(
            lambda one: (
                one.conversation_id == newest.conversation_id
                and one.audience == newest.audience
            )
        ).sorted(lambda one: (one.sent_at, one.id), reverse=True)
        return next(
            (
                option["id"]
                for message in newest | here
                for option in options
                if option["message_id"] == message.id
                and option["audience"] == newest.audience
                and option["allowed"]
            ),
            False,
        )

    def _social_choice(self, option):
        """(audience, account, message) of an option's id, each checked."""
        self.ensure_one()
        self.check_access("read")
        try:
            audience, account_id, message_id = str(option or "").split(":")
            account_id, message_id = int(account_id), int(message_id)
        except ValueError:
            audience = ""
        message = self.env["helpdesk.social.message"]
        if audience in items.AUDIENCES:
            message = message.search(
                [("id", "=", message_id), ("ticket_id", "=", self.id)]
            )
        account = (message.account_id | message.also_account_ids).filtered(
            lambda one: one.id == account_id
        )
        if not account:
            raise UserError(
                self.env._("Please choose again whom to answer: this is gone.")
            )
        return audience, account, message

    # === MEASURE === #
    def social_measure(self, text, option, files=0, consent=None):
        """Length, limit, parts and price of a text, as the chosen network counts.

        :param files: how many go along; some networks take less text then
        :param consent: {concern: what the person decided about it}
        """
        audience, account, message = self._social_choice(option)
        target = message._target(account)
        draft = items.Draft(
            text=text or "",
            audience=audience,
            target=target,
            to=message._person(message.identity_id)
            if audience == items.PRIVATE
            else None,
            thread=target.thread if audience == message.audience else "",
            language=message.language or "",
            warning=message.warning or "",
            media=(items.Upload("", "", b""),) * min(int(files), 100),
        )
        try:
            measure = account._bare_adapter(tokens={}).measure(draft)
        except errors.NetworkError as error:
            return {"error": social_failure.explain(self.env, error.code, error.detail)}
        return {
            "length": measure.length,
            "limit": measure.limit,
            "parts": list(measure.parts),
            "cost": measure.cost,
            "concerns": self._social_concerns_told(
                text, audience, account, message, consent
            ),
        }

    def _social_concerns_told(self, text, audience, account, message, consent):
        """What stands against words that are still being written."""
        words = Words(
            ticket=self,
            account=account,
            audience=audience,
            target=message,
            person=message.identity_id,
            text=text or "",
            files=self.env["ir.attachment"],
            user=self.env.user,
            stage=WRITE,
            consent=consent or {},
        )
        return [one.told() for one in self._social_concerns(words)]

    # === SEND === #
    def social_send(
        self,
        option,
        text,
        attachment_ids=(),
        key=None,
        seen=None,
        consent=None,
        template=None,
    ):
        """Queue an answer; JSON for the browser, with a sentence when it cannot be.

        :param key: the browser's own id of this answer: a second click or a repeated
            request makes no second message
        :param seen: what was on the person's screen, as for ``_social_newer``; without
            it: nothing that came after the message answered
        :param consent: {concern: what the person decided about it}
        :param template: {"id", "values"}: approved words instead of ``text``
        """
        try:
            audience, account, message = self._social_choice(option)
            newer = self._social_newer(message, self._social_seen(message, seen))
            if newer:
                return {
                    "ok": False,
                    "stale": newer.ids,
                    "error": self.env._(
                        "Meanwhile: %(what)s. Please look and send again.",
                        what=self._social_stale_words(newer),
                    ),
                }
            with self.env.cr.savepoint():
                sent = self.social_reply(
                    text or "",
                    audience,
                    account=account,
                    to=message,
                    attachments=self._social_uploads(attachment_ids),
                    key=str(key)[:64] if key else None,
                    consent=consent if isinstance(consent, dict) else None,
                    template=template if isinstance(template, dict) else None,
                )
        except UniqueViolation:
            # the same click came twice at once: the other request has queued it
            return {"ok": True, "message_ids": []}
        except AccessError:
            return {
                "ok": False,
                "error": social_failure.explain(self.env, "not_allowed_to_speak"),
            }
        except ConcernError as error:
            told = [one.told() for one in error.concerns]
            return {"ok": False, "error": str(error.args[0]), "concerns": told}
        except UserError as error:
            return {"ok": False, "error": str(error.args[0])}
        if not template:
            self._social_own_draft(message, audience).unlink()
        return {"ok": True, "message_ids": sent.ids}

    @api.model
    def _social_uploads(self, attachment_ids):
        """Files this person put in and nobody has sent yet."""
        wanted = {int(one) for one in attachment_ids or ()}
        files = self.env["ir.attachment"].search(
            [
                ("id", "in", list(wanted)),
                ("create_uid", "=", self.env.uid),
                ("res_model", "=", "helpdesk.social.message"),
                ("res_id", "in", (0, False)),
            ],
            order="id",
        )
        if len(files) != len(wanted):
            raise UserError(
                self.env._("A file is missing or was sent already. Put it in again.")
            )
        return files
