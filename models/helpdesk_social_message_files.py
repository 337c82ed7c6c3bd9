"""Files of a message as the browser gets them, and fetching them once more.

What is held here is shown; everything else is words and, where there is one, the way
to it on the network: never embedded, so that nobody's browser tells a stranger's
server who reads this. What may be held at all is ``helpdesk_social_media_policy``.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from . import social_failure
from .helpdesk_social_account import HELPDESK_USER
from .helpdesk_social_media import MAX_FILE, size_words
from .helpdesk_social_media_policy import LINK, STORE
from .helpdesk_social_message_view import safe_url

#: asking again brings the same answer
FINAL = ("unsupported", "too_large")


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    # === FOR THE BROWSER === #
    def _timeline_media(self, files):
        """The files of this message, held or not, in the author's order.

        :param files: {attachment id: what the browser needs} of the readable ones
        """
        shown = self._timeline_files_of(self.media, files)
        seen = {one["attachment_id"] for one in shown}
        return shown + [
            files[one.id]
            for one in self.attachment_ids
            if one.id in files and one.id not in seen
        ]

    def _timeline_files_of(self, media, files):
        shown, rule = [], None
        for one in media or []:
            held = files.get(one.get("attachment_id"))
            if held:
                alt = one.get("alt") or held["alt"]
                shown.append({**held, "alt": alt, "ref": one.get("ref") or ""})
                continue
            rule = rule or self.account_id._media_rule()
            shown.append(self._timeline_not_held(one, rule))
        return shown

    def _timeline_not_held(self, one, rule):
        """A file that is not here: why, where it can be seen, may it be asked for."""
        state, words = self._timeline_file_words(one)
        return {
            "attachment_id": False,
            "ref": one.get("ref") or "",
            "kind": one.get("kind") or "file",
            "name": one.get("name") or "",
            "mime": one.get("mime") or "",
            "size": one.get("size") or 0,
            "alt": one.get("alt") or "",
            "url": safe_url(one.get("url"))
            or ("" if self.deleted_at else safe_url(self.permalink)),
            "thumb": "",
            "state": state,
            "words": words,
            "error": words if state == "failed" else "",
            "again": state != "coming" and self._may_fetch(one, rule),
        }

    def _timeline_file_words(self, one):
        """(state, words) of a file that is not held."""
        if one.get("expired"):
            days = one.get("days") or 1
            words = (
                self.env._("Removed after a day, as set for this network")
                if days == 1
                else self.env._(
                    "Removed after %(days)s days, as set for this network", days=days
                )
            )
            return "expired", words
        if one.get("skipped"):
            return "link", self.env._("Not stored here, as set for this network")
        if one.get("error"):
            return "failed", self._timeline_file_error(one["error"])
        if self.media_try_at:
            return "coming", self.env._("Being fetched")
        return "missing", self.env._("Not fetched")

    def _timeline_file_error(self, code):
        if code == "too_large":
            size = size_words(MAX_FILE)
            return self.env._(
                "Larger than %(size)s, which is not stored here", size=size
            )
        if code == "not_found":
            return self.env._("Could not be fetched: it is gone, or not for us to see")
        if code == "crash":
            return self.env._("Could not be fetched")
        why = social_failure.explain(self.env, code)
        return self.env._("Could not be fetched. %(why)s", why=why)

    def _may_fetch(self, one, rule):
        """Does the policy allow to ask (again) for this file, and could it help?"""
        policy, days, _changed = rule
        if one.get("attachment_id") or not one.get("ref") or self.deleted_at:
            return False
        if policy == LINK or one.get("error") in FINAL:
            return False
        if one.get("fleeting") and not self.account_id.network_id.media_fleeting:
            return False
        return policy == STORE or self.received_at > fields.Datetime.now() - timedelta(
            days=days
        )

    # === ONCE MORE === #
    def action_fetch_media(self):
        """Ask the network again for the files that are not here.

        :raises UserError: nothing can be asked for, in words
        """
        self.ensure_one()
        self.check_access("read")
        if self.ticket_id:
            self.ticket_id.check_access("write")
        elif not self.env.user.has_group(HELPDESK_USER):
            raise UserError(self.env._("Only helpdesk users may do this."))
        # sudo: helpdesk.social.message - users never write messages; checked above
        row = self.sudo()
        rule = row.account_id._media_rule()
        if rule[0] == LINK:
            raise UserError(
                self.env._(
                    "Files of this network are not stored here. A helpdesk manager "
                    "can change that in the network's settings."
                )
            )
        reason = row.account_id._silence_reason()
        if reason:
            raise UserError(social_failure.explain(self.env, reason))
        again = [row._may_fetch(one, rule) for one in row.media or []]
        if not any(again):
            raise UserError(self.env._("There is no file that could be fetched."))
        marks = ("error", "skipped", "expired", "days")
        row.write(
            {
                "media": [
                    {k: v for k, v in one.items() if k not in marks} if wanted else one
                    for one, wanted in zip(row.media, again, strict=True)
                ],
                "media_try_at": fields.Datetime.now(),
                "media_attempts": 0,
            }
        )
        self.env["helpdesk.social.intake"]._wake("helpdesk_social.cron_media")
        return True

    # === VERSIONS === #
    def _timeline_revisions(self, files):
        """Older versions, oldest first: when, what it said, what it showed."""
        return [
            {
                "at": old.get("at") or "",
                "text": old.get("text") or "",
                "warning": old.get("warning") or "",
                # not named: the same as in the version after it
                "media": "media" in old
                and self._timeline_files_of(old["media"], files),
            }
            for old in self.revisions or []
        ]
