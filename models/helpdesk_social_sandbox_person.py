"""Somebody on the sandbox network: a pretended customer, or us.

None of them exists; no real person's data may ever be put here. Our own person also
carries the switches for accidents, so that each state of the product can be seen.
"""

from odoo import api, fields, models

#: what the pretended server can do to us; the codes are the store's refusals
FAULTS = [
    ("down", "The network is down"),
    ("rate", "We are asked to slow down"),
    ("auth", "Our sign-in is refused"),
    ("lost", "Answers get lost after the effect"),
    ("garbage", "Answers cannot be read"),
]


class HelpdeskSocialSandboxPerson(models.Model):
    _name = "helpdesk.social.sandbox.person"
    _description = "Sandbox Person"
    _order = "name, id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    handle = fields.Char(required=True)
    name = fields.Char(required=True)
    own = fields.Boolean(help="An account of ours.")
    language = fields.Char()
    bio = fields.Char()
    verified = fields.Boolean()
    bot = fields.Boolean()
    followers = fields.Integer()
    blocked_ids = fields.Many2many(
        "helpdesk.social.sandbox.person",
        "helpdesk_social_sandbox_block_rel",
        "person_id",
        "blocked_id",
        help="Whom this person does not want to hear from.",
    )
    fault = fields.Selection(FAULTS, string="Accident")
    fault_left = fields.Integer(
        string="Accidents Left", help="0: until it is switched off."
    )

    _handle_unique = models.Constraint(
        "UNIQUE (company_id, handle)", "Somebody has this name already."
    )

    @api.model
    def _clean(self, handle):
        return (handle or "").strip().lstrip("@").lower()

    @api.model
    def _named(self, company, people):
        """The people of these names, made when they are not there yet.

        :param people: ``{handle: values for a new person}``
        :return: ``{handle: record}``
        """
        people = {self._clean(handle): values for handle, values in people.items()}
        found = self.search(
            [("company_id", "=", company.id), ("handle", "in", list(people))]
        )
        known = {person.handle: person for person in found}
        missing = [handle for handle in people if handle not in known]
        made = self.create(
            [
                {
                    "name": handle.replace("_", " ").replace(".", " ").title(),
                    **people[handle],
                    "handle": handle,
                    "company_id": company.id,
                }
                for handle in missing
            ]
        )
        return known | dict(zip(missing, made, strict=True))

    def _row(self):
        """As the adapter reads it; see ``networks/sandbox_rows``."""
        self.ensure_one()
        return {
            "id": str(self.id),
            "handle": self.handle,
            "name": self.name,
            "language": self.language or "",
            "verified": self.verified,
            "bot": self.bot,
            "followers": self.followers or None,
            "own": self.own,
        }

    def _take_fault(self, effect):
        """The accident that happens to this call, used up; or an empty string."""
        self.ensure_one()
        fault = self.fault
        if not fault or (fault == "lost" and not effect):
            return ""
        if self.fault_left:
            left = self.fault_left - 1
            self.write({"fault_left": left, "fault": fault if left else False})
        return fault

    def _block(self, account, blocked=True):
        """This person blocks (or lets in again) an account of ours, which is told."""
        self.ensure_one()
        posts = self.env["helpdesk.social.sandbox.post"]
        us = posts._us(account)
        self.blocked_ids = [(4 if blocked else 3, us.id)]
        return posts.create(
            {
                "company_id": self.company_id.id,
                "kind": "blocked" if blocked else "unblocked",
                "author_id": self.id,
                "audience": "private",
                "thread": posts._dm(self, us),
            }
        )
