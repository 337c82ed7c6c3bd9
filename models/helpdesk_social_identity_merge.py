"""Two identities that are one person: merged, and unmerged exactly.

For accounts that were made anew, and for ids that a network gives per app. Nothing
moves: messages and conversations keep the identity they came with, and appear under
both. What follows is the link to a contact, and where new messages go. A proof stays
with the identity that gave it: who has one account need not have the other.
"""

from odoo import fields, models
from odoo.exceptions import UserError

#: more than one person has; ends any loop that should not be there
DEPTH = 50


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    merged_into_id = fields.Many2one(
        "helpdesk.social.identity",
        string="Same Person As",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    alias_ids = fields.One2many(
        "helpdesk.social.identity", "merged_into_id", string="Merged Identities"
    )
    merged = fields.Boolean(
        readonly=True,
        copy=False,
        help="It is merged with another, in either direction.",
    )
    merge_undo = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="The links of both before the merge: {mine, theirs}.",
    )
    merged_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    merged_at = fields.Datetime(readonly=True, copy=False)

    # === WHO IS WHO === #
    def _merge_root(self):
        """The identity that this one was merged into, at last; itself if none."""
        self.ensure_one()
        root = self
        for _step in range(DEPTH):
            if not root.merged_into_id:
                break
            root = root.merged_into_id
        return root

    def _same_person(self):
        """These identities and all that are merged with them, in either direction."""
        # sudo: helpdesk.social.identity - which rows are one; callers filter them
        if not any(self.sudo().mapped("merged")):
            return self
        everyone = self.sudo().union(*(one._merge_root() for one in self.sudo()))
        found = everyone
        for _step in range(DEPTH):
            found = self.sudo().search([("merged_into_id", "in", found.ids)]) - everyone
            if not found:
                break
            everyone |= found
        return everyone.sudo(self.env.su)

    # === MERGING === #
    def action_open_merge(self):
        """The dialog that asks with whom."""
        self.ensure_one()
        self._check_may_link()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The same person as…"),
            "res_model": "helpdesk.social.same",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_identity_id": self.id},
        }

    def action_merge(self, into_id):
        """This is the same person as ``into_id``; the same network and company."""
        self.ensure_one()
        into = self.browse(int(into_id)).exists()
        if not into:
            raise UserError(self.env._("Choose the other identity first."))
        (self | into)._check_may_link((self | into).partner_id)
        # sudo: helpdesk.social.identity - written by code only; checked above
        self.sudo()._merge(into.sudo())
        return True

    def _merge(self, into):
        self.ensure_one()
        into = into._merge_root()
        if into in self._same_person():
            raise UserError(self.env._("These two are merged already."))
        if self.merged_into_id:
            raise UserError(
                self.env._(
                    "This identity is merged with another one. Take that back first."
                )
            )
        if (self.network_id, self.company_id) != (into.network_id, into.company_id):
            raise UserError(
                self.env._(
                    "Only identities of one network can be merged. Link both to the "
                    "same contact instead."
                )
            )
        mine, theirs = self.partner_id, into.partner_id
        if mine and theirs and mine != theirs:
            raise UserError(
                self.env._(
                    "They are linked to two contacts: %(one)s and %(other)s. Merge the "
                    "contacts, or unlink one of the identities first.",
                    one=mine.display_name,
                    other=theirs.display_name,
                )
            )
        # two that were told apart from a contact cannot be that contact together
        refused = (self | into)._same_person().refused_partner_ids
        if (mine | theirs) & refused:
            raise UserError(
                self.env._(
                    "Somebody said that one of them is not %(contact)s.",
                    contact=((mine | theirs) & refused)[0].display_name,
                )
            )
        self.write(
            {
                "merged_into_id": into.id,
                "merged_by_id": self.env.uid,
                "merged_at": fields.Datetime.now(),
                "merge_undo": {"mine": self._link_kept(), "theirs": into._link_kept()},
            }
        )
        (self | into).merged = True
        missing = self._same_person().filtered(lambda one: not one.partner_id)
        if (mine or theirs) and missing:
            self._link(dict.fromkeys(missing, (mine or theirs, "merged", False)))

    def action_unmerge(self):
        """They are two after all: each has again the link it had before."""
        self._check_may_link(self.partner_id)
        # sudo: helpdesk.social.identity - written by code only; checked above
        for identity in self.sudo().filtered("merged_into_id"):
            identity._unmerge()
        return True

    def _unmerge(self):
        """A link that one of them has by itself stays; what it had only because of the
        other goes, and what that one replaced is there again."""
        into, undo = self.merged_into_id, self.merge_undo or {}
        self.write(
            dict.fromkeys(
                ("merged_into_id", "merged_by_id", "merged_at", "merge_undo"), False
            )
        )
        for one in self | into:
            one.merged = bool(one.merged_into_id or one.alias_ids)
        for one, before in ((self, undo.get("mine")), (into, undo.get("theirs"))):
            group = one._same_person()
            if any(each.link_basis not in (False, "merged") for each in group):
                continue
            followed = group.filtered(lambda each: each.link_basis == "merged")
            followed._unlink_partner(refuse=False)
            one._link_again(before or {})

    def _link_kept(self):
        """The link of its own, as JSON; nothing for one that came by a merge."""
        self.ensure_one()
        if not self.partner_id or self.link_basis == "merged":
            return {}
        return {
            "partner_id": self.partner_id.id,
            "link_basis": self.link_basis,
            "link_note": self.link_note,
            "linked_by_id": self.linked_by_id.id,
            "linked_at": fields.Datetime.to_string(self.linked_at),
        }

    def _link_again(self, before):
        """The link that the merge's followers had replaced."""
        partner = self.env["res.partner"].browse(before.get("partner_id")).exists()
        if partner and partner not in self.refused_partner_ids:
            self._link({self: (partner, before["link_basis"], before["link_note"])})
            self.write(
                {
                    "linked_by_id": before["linked_by_id"],
                    "linked_at": before["linked_at"],
                }
            )

    # === WHAT FOLLOWS === #
    def _link(self, links):
        """Override: whoever is the same person is linked along."""
        links = dict(links)
        for identity, (partner, _basis, _note) in list(links.items()):
            for other in identity._same_person() - identity:
                links.setdefault(other, (partner, "merged", False))
        return super()._link(links)

    def _unlink_partner(self, refuse=True):
        """Override: whoever is the same person is unlinked along."""
        everyone = self._same_person().filtered("partner_id") | self
        return super(HelpdeskSocialIdentity, everyone)._unlink_partner(refuse)

    def _history_domain(self):
        """Override: what was said under either appears under both."""
        return super(HelpdeskSocialIdentity, self._same_person())._history_domain()

    def _count_messages(self, groups):
        """Override: as in the history."""
        return super()._count_messages(
            {key: identities._same_person() for key, identities in groups.items()}
        )

    def _social_forget(self):
        """Override: a person is forgotten under all names."""
        everyone = self._same_person()
        result = super(HelpdeskSocialIdentity, everyone)._social_forget()
        # sudo: helpdesk.social.identity - nothing is left that could be taken back
        everyone.sudo().write({"merge_undo": False, "merged_into_id": False})
        return result
