"""When a sign-in ends, and when it goes on but some of what is asked comes back empty.

Told by the network whenever the credentials are proved. The second is only warned of:
nobody knows what it will empty, and what still works is never stopped for it.
"""

from odoo import fields, models
from odoo.tools import format_date

from . import common
from .helpdesk_social_account_keep_alive import EXPIRY_DAYS

DATA_ENDS = "helpdesk_social.mail_activity_data_access"


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    data_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="From then on the network leaves things out, and tells no error.",
    )

    def _note_ends(self, profile):
        """What the network says of the sign-in's end, kept and warned of."""
        self.ensure_one()
        # sudo: helpdesk.social.account - read-only field, callers have checked
        account = self.sudo()
        account.data_until = common.to_orm(profile.data_until)
        ends = common.to_orm(profile.expires_at)
        # what the sign-in said stands where the profile does not say
        if ends:
            self._touch_tokens()._note_end(ends)
        elif (profile.facts or {}).get("endless"):
            # sudo: helpdesk.social.token - kept by the machine
            rows = self.env["helpdesk.social.token"].sudo()
            row = rows.search(
                [("account_id", "=", self.id), ("expires_at", "!=", False)]
            )
            row.write({"expires_at": False, "renew_at": False})
            self.invalidate_recordset(["token_expires_at", "person_needed_at"])
        account._warn_of_data_access()

    def _data_ends_soon(self):
        soon = fields.Datetime.add(fields.Datetime.now(), days=EXPIRY_DAYS)
        return bool(self.data_until) and self.data_until < soon

    def _warn_of_data_access(self):
        """One activity days before; gone when somebody has signed in again."""
        if not self._data_ends_soon():
            self.activity_unlink([DATA_ENDS])
        elif not self.activity_search([DATA_ENDS]):
            keeper = self._keeper()
            env = self.with_context(lang=keeper.lang).env
            self.activity_schedule(
                DATA_ENDS,
                date_deadline=self.data_until.date(),
                summary=env._("The access of %(name)s to data ends", name=self.name),
                note=env._(
                    "From %(day)s on the network leaves out what belongs to the person "
                    "who signed in, without telling an error. Sign in again before.",
                    day=format_date(env, self.data_until),
                ),
                user_id=keeper.id,
            )

    def _verdict(self, silence):
        """Override: also what still works, for now."""
        health, text = super()._verdict(silence)
        if health == "good" and self._data_ends_soon():
            return "attention", self.env._(
                "The network will leave things out soon: sign in again."
            )
        return health, text

    def _checked_end(self):
        """Override: also where there is no end, and where only the data has one."""
        line = super()._checked_end()
        if self.state not in ("active", "paused"):
            return line
        title = self.env._("Sign-in ends")
        if self.data_until and (not line or line["mark"] != "warn"):
            text = self.env._(
                "It goes on, but the network leaves out data of the person who signed "
                "in. Sign in again before:"
            )
            mark = "warn" if self._data_ends_soon() else "good"
            return self._line("end", mark, title, text, self.data_until)
        # sudo: helpdesk.social.account - one thing the network said
        if not line and (self.sudo().facts or {}).get("endless"):
            return self._line(
                "end", "good", title, self.env._("The network says that it never ends.")
            )
        return line
