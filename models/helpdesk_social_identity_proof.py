"""What a proof means for an identity: "verified until", and the link that follows.

The badge is worth something only together with the contact it was proved for: linked to
somebody else, the identity is not verified. Only ``helpdesk_social_proof`` says that
something was proved.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.translate import LazyTranslate

from ..texts import proof_code

_lt = LazyTranslate(__name__)
#: what became of a code in a message: (icon, words, tone)
SAID = {
    "proved": ("fa-shield", _lt("Sent the code back: verified"), "success"),
    "wrong": ("fa-shield", _lt("A wrong code; it does not prove anything"), "warning"),
    "late": ("fa-shield", _lt("The right code, but too late: ask again"), "warning"),
    "leaked": (
        "fa-exclamation-triangle",
        _lt("The code was said where it proves nothing; it is worthless now"),
        "danger",
    ),
    "elsewhere": (
        "fa-shield",
        _lt("The code belongs to another conversation; it does not count here"),
        "warning",
    ),
}


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    proof_asked_at = fields.Datetime(
        readonly=True, help="When this person was last asked who they are."
    )
    proved_partner_id = fields.Many2one(
        "res.partner",
        string="Proved To Be",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    proved_at = fields.Datetime(readonly=True)
    proved_until = fields.Datetime(readonly=True)
    verified_until = fields.Datetime(
        compute="_compute_verified_until",
        help="Until when we take this identity for the linked contact.",
    )

    @api.depends("partner_id", "proved_partner_id", "proved_until")
    def _compute_verified_until(self):
        now = fields.Datetime.now()
        for identity in self:
            who, until = identity.partner_id, identity.proved_until
            good = who and who == identity.proved_partner_id and until and until > now
            identity.verified_until = good and until

    def _proved(self, proof):
        """The proof's contact is behind this identity."""
        self.ensure_one()
        self.write(
            {
                "proved_partner_id": proof.partner_id.id,
                "proved_at": proof.proved_at,
                "proved_until": proof.proved_until,
            }
        )
        if not self.partner_id:
            self._link({self: (proof.partner_id, "proved", False)})
        if self.partner_id == proof.partner_id:
            self._log_in_chatter(
                self.env._(
                    "A social identity proved by a code sent by e-mail to be this "
                    "contact: %(links)s"
                )
            )

    def _forget_who(self):
        """Override: who asked whom for a proof goes with the rest."""
        result = super()._forget_who()
        self.env["helpdesk.social.proof"].sudo().search(
            [("identity_id", "in", self.ids)]
        ).unlink()
        names = ("proved_partner_id", "proved_at", "proved_until", "proof_asked_at")
        names += ("suggestion_confidence", "decision")
        self.write(dict.fromkeys(names, False))
        return result


class HelpdeskSocialMessage(models.Model):
    _inherit = "helpdesk.social.message"

    proof_said = fields.Selection(
        [(code, code) for code in SAID],
        copy=False,
        help="What became of the code in it.",
    )

    def _timeline_row(self, parents, files, words):
        """Override: what a code in it was worth."""
        row = super()._timeline_row(parents, files, words)
        if self.proof_said:
            icon, text, tone = SAID[self.proof_said]
            row["notes"] = [
                *row["notes"],
                # pylint: disable-next=translation-not-lazy
                {"icon": icon, "text": self.env._(text), "tone": tone, "title": ""},
            ]
        return row

    def write(self, vals):
        """Override: an edit does not bring a used code back."""
        if vals.get("text"):
            used = self.filtered(lambda one: one.proof_said == "proved")
            if used:
                masked = proof_code.masked(vals["text"], proof_code.BY_MAIL)
                super(HelpdeskSocialMessage, used).write({**vals, "text": masked})
                return super(HelpdeskSocialMessage, self - used).write(vals)
        return super().write(vals)


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    proof_minutes = fields.Integer(
        string="Codes Work For",
        default=15,
        help="Minutes in which a code that was sent by e-mail must come back.",
    )
    proof_days = fields.Integer(
        string="Verified For",
        default=90,
        help="Days for which somebody who sent the code back counts as verified.",
    )

    @api.constrains("proof_minutes", "proof_days")
    def _check_proof(self):
        for account in self:
            if not 5 <= account.proof_minutes <= 60:
                raise ValidationError(self.env._("Codes work for 5 to 60 minutes."))
            if not 1 <= account.proof_days <= 730:
                raise ValidationError(self.env._("Proofs last 1 to 730 days."))
