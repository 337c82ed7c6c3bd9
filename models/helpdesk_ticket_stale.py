"""What happened since somebody began to write: nobody answers yesterday's question.

The browser says what it had shown; here it is compared with what is there. Only what
the person may read counts, and only what concerns the one who is answered.
"""

from odoo import api, fields, models
from odoo.fields import Domain

#: of a reply that went somewhere, or will
LEAVING = ("held", "queued", "sending", "uncertain", "sent", "delivered", "read")
#: more than this is told as "many"
MOST = 20


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _social_newer(self, message, seen):
        """What came after what the person had on the screen.

        :param message: the one that is answered
        :param seen: ``{"id": the newest message that was shown, "revisions": how many
            older versions of ``message`` were known}``; a number is the id alone;
            nothing: the caller does not compare
        """
        none = self.env["helpdesk.social.message"]
        if not seen:
            return none
        if not isinstance(seen, dict):
            seen = {"id": seen}
        newer = none
        if seen.get("id"):
            newer = none.search(
                self._social_concerning(message, self.env.user)
                & Domain("id", ">", int(seen["id"])),
                order="sent_at, id",
                limit=MOST,
            )
        if "revisions" in seen and len(message.revisions or []) > int(
            seen["revisions"] or 0
        ):
            newer |= message
        return newer

    @api.model
    def _social_seen(self, message, seen):
        """What a form says it had shown, made good: whoever says nothing, or no sense,
        had seen no more than the message that is answered."""
        seen = dict(seen) if isinstance(seen, dict) else {"id": seen}
        for name in ("id", "revisions"):
            try:
                seen[name] = max(0, int(seen[name]))
            except (KeyError, TypeError, ValueError, OverflowError):
                seen.pop(name, None)
        return {**seen, "id": seen.get("id") or message.id}

    def _social_newer_than(self, message, moment, user):
        """What came after a moment of our clock.

        :param user: whoever wrote then; own words do not count
        """
        messages = self.env["helpdesk.social.message"]
        late = Domain.OR(
            Domain(when, ">", moment)
            for when in ("received_at", "edited_at", "revised_at")
        )
        return messages.search(
            self._social_concerning(message, user) & late,
            order="sent_at, id",
            limit=MOST,
        )

    def _social_concerning(self, message, user):
        """Messages about the same matter: the same thread, or the same person."""
        about = Domain("conversation_id", "=", message.conversation_id.id)
        person = message.identity_id
        if person and not person.shared:
            about |= Domain("identity_id", "=", person.id)
            about |= Domain("to_identity_id", "=", person.id)
        theirs = Domain("direction", "=", "in")
        ours = (
            Domain("direction", "=", "out")
            & Domain("delivery_state", "in", LEAVING)
            & Domain("user_id", "!=", user.id)
        )
        return (
            Domain("ticket_id", "=", self.id)
            & Domain("context", "=", False)
            & Domain("deleted_at", "=", False)
            & about
            & (theirs | ours)
        )

    @api.model
    def _social_stale_words(self, newer):
        """What it was, in few words: "2 new messages, Ana answered 20 s ago"."""
        theirs = newer.filtered(lambda one: one.direction == "in")
        edited = theirs.filtered("edited_at")
        words = []
        fresh = len(theirs - edited)
        if fresh == 1:
            words.append(self.env._("a new message"))
        elif fresh:
            words.append(self.env._("%(number)s new messages", number=fresh))
        if edited:
            words.append(self.env._("what you answer was edited"))
        for answer in newer - theirs:
            words.append(self._social_answered_words(answer))
        return ", ".join(dict.fromkeys(words))

    @api.model
    def _social_answered_words(self, answer):
        seconds = (fields.Datetime.now() - answer.sent_at).total_seconds()
        if answer.origin == "native":
            return self.env._("it was answered in the network's app")
        # sudo: res.users - the colleague's name
        who = answer.sudo().user_id.name or answer.account_id.display_name
        if answer.origin == "bot":
            who = answer.account_id.display_name
        if seconds < 90:
            return self.env._(
                "%(who)s answered %(seconds)s s ago",
                who=who,
                seconds=max(1, int(seconds)),
            )
        if seconds < 5400:
            return self.env._(
                "%(who)s answered %(minutes)s min ago",
                who=who,
                minutes=int(seconds / 60),
            )
        return self.env._("%(who)s answered", who=who)
