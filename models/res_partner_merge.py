"""Odoo's own merge of contacts: nothing about people on social networks is lost.

Odoo moves every reference in SQL, past our code: identities, suggestions, refusals and
proofs go to the contact that is kept by themselves (none of these tables may have a
unique constraint with a contact in it: Odoo would delete what collides). What remains
is what no longer makes sense afterwards: "is not" the contact that it is linked to.
"""

from odoo import models
from odoo.tools import SQL

from .helpdesk_social_identity import NO_SUGGESTION


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _social_after_merge(self, merged_ids):
        """A link outweighs that somebody once refused the other contact; a refusal
        outweighs a suggestion. What can be taken back names the contact that is kept.

        :param merged_ids: ids of all that were merged, this one's included
        """
        gone = [one for one in merged_ids if one not in self.ids]
        # sudo: helpdesk.social.identity - whoever may merge contacts ends what it means
        identities = self.env["helpdesk.social.identity"].sudo()
        linked = identities.search([("partner_id", "in", self.ids)])
        for identity in linked:
            values = {}
            if identity.refused_partner_ids & identity.partner_id:
                values["refused_partner_ids"] = [(3, identity.partner_id.id)]
            if identity.suggested_partner_id:
                values |= NO_SUGGESTION
            if values:
                identity.write(values)
        for identity in identities.search([("suggested_partner_id", "in", self.ids)]):
            if identity.suggested_partner_id in identity.refused_partner_ids:
                identity.write(NO_SUGGESTION)
        self.env.flush_all()
        for column, path in (
            ("decision", "{partner}"),
            ("merge_undo", "{mine,partner_id}"),
            ("merge_undo", "{theirs,partner_id}"),
        ):
            # SQL: the ORM cannot search in JSON
            self.env.cr.execute(
                SQL(
                    "UPDATE helpdesk_social_identity"
                    " SET %(column)s = jsonb_set(%(column)s, %(path)s, %(kept)s)"
                    " WHERE (%(column)s #>> %(path)s)::int = ANY(%(gone)s)",
                    column=SQL.identifier(column),
                    path=SQL("%s::text[]", path),
                    kept=SQL("to_jsonb(%s::int)", self[:1].id),
                    gone=gone,
                )
            )
        identities.invalidate_model(["decision", "merge_undo"])
