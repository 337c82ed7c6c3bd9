"""Who is behind an identity: evidence, links made by themselves, suggestions.

A link is made without asking only when the person gave a phone number or an e-mail
address *through the network* and exactly one contact has it. Everything weaker is a
suggestion with its reason; a name alone is not even that. Shared authors are never
matched, refused contacts never suggested again. Each step is one query for the whole
batch: nothing here may cost a query per identity.
"""

import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from . import common, social_evidence

_logger = logging.getLogger(__name__)

#: sources that are a claim (typed by the person), not a fact the network vouches for
CLAIMED = frozenset({"text", "profile", "form"})
#: as many contacts with one number mean that it identifies nobody
TOO_MANY = 20
#: what one person may give; more is somebody playing
MAX_EVIDENCE = 20


class HelpdeskSocialIdentity(models.Model):
    _inherit = "helpdesk.social.identity"

    # === ENTRY POINT === #
    def _match(self, evidence=None):
        """Link or suggest contacts for these identities.

        Called by the intake once per batch: with the identities that are new, and
        with what people gave in it.

        :param evidence: {identity: [Evidence]}; its identities are included
        :return: the identities that were linked
        """
        # sudo: helpdesk.social.identity, res.partner - the matching compares with all
        # contacts of the company, whoever happens to run it
        known = {one.sudo(): list(found) for one, found in (evidence or {}).items()}
        everyone = (self.sudo().union(*known)).filtered(lambda one: not one.shared)
        everyone._remember(known)
        todo = everyone.filtered(lambda one: one.external_id and not one.partner_id)
        links, suggestions = {}, {}
        for identity, (partners, basis, claimed) in todo._given_by_person().items():
            sure, partner, reason = identity._judge(partners, basis, claimed)
            if sure:
                links[identity] = (partner, basis, False)
            elif reason:
                # one contact has it, and nobody else
                alone = bool(partner) and len(partners._social_collapse()) == 1
                confidence = "likely" if alone else bool(partner) and "possible"
                suggestions[identity] = (partner, reason, confidence)
        rest = todo.filtered(
            lambda one: (
                one not in links
                and one not in suggestions
                and not one.suggested_partner_id
            )
        )
        suggestions |= rest._look_alike()
        self._link(links)
        for identity, (partner, reason, confidence) in suggestions.items():
            identity.write(
                {
                    "suggested_partner_id": partner.id,
                    "suggestion_reason": reason,
                    "suggestion_confidence": confidence,
                }
            )
        return self.browse([one.id for one in links])

    def action_match(self):
        """Look again, for instance after a contact got its phone number."""
        self._check_may_link()
        self._match()

    def _remember(self, evidence):
        """Keep what was given, each value once; unreadable values are dropped."""
        now = fields.Datetime.to_string(fields.Datetime.now())
        for identity in self:
            kept = list(identity.evidence or [])
            seen = {(one["kind"], one["value"]) for one in kept}
            for one in evidence.get(identity, ()):
                value = common.storable(one.value).strip()
                if (one.kind, value) in seen or not self._forms(
                    one.kind, value, identity._regions()
                ):
                    continue
                seen.add((one.kind, value))
                kept.append(
                    {
                        "kind": one.kind,
                        "value": value,
                        "source": common.storable(one.source)[:50],
                        "at": now,
                    }
                )
            if len(kept) > len(identity.evidence or []):
                identity.evidence = kept[:MAX_EVIDENCE]

    # === STRONG: WHAT THE PERSON GAVE === #
    def _given_by_person(self):
        """{identity: (contacts that have it, basis, whether it is only a claim)}."""
        wanted = defaultdict(list)  # identity: [(kind, forms, claimed)]
        phones, emails = set(), set()
        for identity in self:
            for one in identity.evidence or ():
                forms = self._forms(one["kind"], one["value"], identity._regions())
                if not forms:
                    continue
                claimed = one.get("source") in CLAIMED
                wanted[identity].append((one["kind"], forms, claimed))
                (emails if one["kind"] == "email" else phones).update(forms)
        holders = {
            "phone": self._partners_by_phone(phones, self._regions()),
            "email": self._partners_by_email(emails),
        }
        found = {}
        for identity, given in wanted.items():
            ids, bases, sure = set(), [], False
            for kind, forms, claimed in given:
                having = set().union(*(holders[kind].get(form, ()) for form in forms))
                having = identity._of_company(having)
                if having:
                    ids |= set(having.ids)
                    bases.append(kind)
                    sure = sure or not claimed
            if ids:
                partners = self.env["res.partner"].browse(sorted(ids))
                found[identity] = (partners, bases[0], not sure)
        return found

    def _judge(self, partners, basis, claimed):
        """Decide for one identity, for which these contacts are in question.

        :return: (link without asking, contact or none, reason of the suggestion)
        """
        what = {
            "phone": self.env._("phone number"),
            "email": self.env._("e-mail address"),
        }[basis]
        people = partners._social_collapse()
        left = people - self.refused_partner_ids
        if not left:
            return False, left, ""
        if len(people) == 1 and not claimed:
            return True, people, ""
        if len(people) == 1:
            return (
                False,
                left,
                self.env._("Wrote this contact's %(what)s in a message", what=what),
            )
        if len(left) == 1:
            reason = self.env._(
                "Gave this contact's %(what)s, which others have too", what=what
            )
            return False, left, reason
        firm = left.commercial_partner_id
        if len(firm) == 1 and firm not in self.refused_partner_ids:
            reason = self.env._(
                "Gave a %(what)s that several people of this company have", what=what
            )
            return False, firm, reason
        return (
            False,
            left.browse(),
            self.env._(
                "%(count)s contacts have the %(what)s this person gave: please choose",
                count=len(left),
                what=what,
            ),
        )

    # === WEAK: WHAT ONLY LOOKS ALIKE === #
    def _look_alike(self):
        """{identity: (contact, reason, confidence)} from the profile's address and the
        handle."""
        sites = {one: social_evidence.website_forms(one.url) for one in self}
        handles = {one: social_evidence.handle_name(one.handle) for one in self}
        by_site = self._partners_by(SQL("lower(website)"), set().union(*sites.values()))
        by_handle = self._partners_by(
            SQL("split_part(email_normalized, '@', 1)"),
            {handle for handle in handles.values() if handle},
        )
        self.env["res.partner"].browse(
            {one for ids in (*by_site.values(), *by_handle.values()) for one in ids}
        ).fetch(["name", "company_id", "type", "parent_id", "is_company"])
        found = {}
        for identity in self:
            ids = set().union(*(by_site.get(form, ()) for form in sites[identity]))
            reason = self.env._("This profile is the contact's website")
            confidence = "likely"
            partners = identity._of_company(ids)
            if not partners:
                reason = self.env._("Same name, and the handle is their e-mail name")
                confidence = "possible"
                ids = by_handle.get(handles[identity], ())
                partners = identity._of_company(ids).filtered(
                    lambda one, name=identity.name: social_evidence.same_name(
                        one.name, name
                    )
                )
            people = partners._social_collapse() - identity.refused_partner_ids
            if len(people) == 1:
                found[identity] = (people, reason, confidence)
        return found

    # === LOOKING UP CONTACTS, ONE QUERY EACH === #
    @api.model
    def _forms(self, kind, value, regions):
        if kind == "phone":
            return social_evidence.phone_forms(value, regions)
        if kind == "email":
            return social_evidence.email_forms(value)
        _logger.info("Evidence of an unknown kind was left out: %s", str(kind)[:30])
        return frozenset()

    def _regions(self):
        """Where a number without country code may be from."""
        return tuple(
            company.country_id.code
            for company in self.company_id
            if company.country_id.code
        )

    def _of_company(self, ids):
        """The contacts among these ids which this identity's company may use."""
        partners = self.env["res.partner"].browse(sorted(ids))
        return partners.filtered(
            lambda one: not one.company_id or one.company_id == self.company_id
        )

    @api.model
    def _partners_by(self, expression, values):
        """{value: ids of active contacts}; the expression has an index.

        What too many contacts have identifies nobody and is left out.
        """
        if not values:
            return {}
        partners = self.env["res.partner"]
        partners.flush_model(["active", "email_normalized", "phone", "website"])
        # SQL: the ORM cannot search by an expression
        rows = self.env.execute_query(
            SQL(
                "SELECT %s, array_agg(id ORDER BY id) FROM res_partner"
                " WHERE active AND %s = ANY(%s) GROUP BY 1 HAVING count(*) < %s",
                expression,
                expression,
                list(values),
                TOO_MANY,
            )
        )
        return dict(rows)

    @api.model
    def _partners_by_email(self, emails):
        return self._partners_by(SQL("email_normalized"), emails)

    @api.model
    def _partners_by_phone(self, forms, regions):
        """{E.164 form: contacts' ids}.

        Candidates share the last digits; then both sides are compared in every form
        of the number. So it does not matter how it was typed, nor whether another
        module keeps a clean copy of it.
        """
        tails = {social_evidence.phone_tail(form) for form in forms}
        rows = self._partners_by(
            SQL(social_evidence.phone_tail_sql("phone")), tails - {""}
        )
        partners = self.env["res.partner"].browse(
            sorted({one for ids in rows.values() for one in ids})
        )
        found = defaultdict(set)
        for partner in partners:
            own = (
                partner.country_id.code,
                partner.company_id.country_id.code,
                *regions,
            )
            for form in social_evidence.phone_forms(partner.phone, own) & forms:
                found[form].add(partner.id)
        return found

    def _candidates(self):
        """Contacts to offer in the dialog; a person may choose a refused one."""
        self.ensure_one()
        # sudo: helpdesk.social.identity - as in _match; the dialog shows what the
        # user may read
        identity = self.sudo()
        partners = self.env["res.partner"]
        for found, _basis, _claimed in identity._given_by_person().values():
            partners |= found._social_collapse()
        for found, _reason, _sure in identity._look_alike().values():
            partners |= found
        partners |= identity.suggested_partner_id
        return partners.sudo(False)._filtered_access("read")
