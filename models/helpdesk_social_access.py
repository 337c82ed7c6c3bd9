"""Who may read what was said: public is for every colleague, the rest is not.

A message or conversation that is not public is read by

- people who may read its ticket *as helpdesk users*: through the record rules of the
  helpdesk groups, not because they follow the ticket or are its customer;
- while it has no ticket, those who would get one: helpdesk users of the account's
  team, of all teams when they may read all tickets (``_ticketless_accounts``);
- members of the group for private history.

Company rules come on top. It is one SQL condition, so that search, count, grouping,
paths from other models and export are all the same question. A record rule could not
ask it: rule domains run as superuser, for whom every ticket is readable. Nothing here
may ever be looser than the ticket itself.
"""

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, Query, ormcache
from odoo.tools.safe_eval import safe_eval

from ..networks.items import PUBLIC
from .common import UNPUBLISHED

USER_OWN = "helpdesk_mgmt.group_helpdesk_user_own"
USER_TEAM = "helpdesk_mgmt.group_helpdesk_user_team"
USER_ALL = "helpdesk_mgmt.group_helpdesk_user"
PRIVATE_HISTORY = "helpdesk_social.group_private_history"


class HelpdeskSocialAccess(models.AbstractModel):
    """For models with ``audience``, ``ticket_id`` and ``account_id``."""

    _name = "helpdesk.social.access"
    _description = "Who may read what was said"

    # === WHAT ODOO ASKS === #
    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Override of the ORM: add the condition to every search of a user."""
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if self.env.su or bypass_access or query.is_empty():
            return query
        if condition := self._readable_sql(self._table, query):
            query.add_where(condition)
        return query

    def _check_access(self, operation):
        """Override of the ORM: nothing may be done to what one may not read."""
        result = super()._check_access(operation)
        allowed = self - result[0] if result else self
        forbidden = allowed._filter_unreadable()
        if not forbidden:
            return result
        if result:
            forbidden += result[0]
        return forbidden, forbidden._make_private_error

    # === THE ANSWER === #
    @api.model
    def _readable_sql(self, alias, query):
        """The condition on rows of ``alias``; None when everything is readable."""
        user = self.env.user
        if user.has_group(PRIVATE_HISTORY):
            return None
        ways = [self._public_sql(alias, query)]
        if user.has_group(USER_OWN):
            ticket = self._field_to_sql(alias, "ticket_id", query)
            account = self._field_to_sql(alias, "account_id", query)
            tickets = self._helpdesk_tickets()
            if not tickets.is_empty():
                # EXISTS rather than IN: PostgreSQL then looks tickets up one by one
                # for a page of messages, and hashes them all only for a full scan
                tickets.add_where(
                    SQL("%s = %s", SQL.identifier(tickets.table, "id"), ticket)
                )
                ways.append(SQL("EXISTS %s", tickets.subselect(SQL("1"))))
            ways.append(
                SQL(
                    "(%s IS NULL AND %s IN %s)",
                    ticket,
                    account,
                    self._ticketless_accounts().subselect(),
                )
            )
        return SQL("(%s)", SQL(" OR ").join(ways))

    @api.model
    def _public_sql(self, alias, query):
        """What every colleague may read, for everybody can read it on the network."""
        return SQL("%s = %s", self._field_to_sql(alias, "audience", query), PUBLIC)

    def _filter_unreadable(self):
        """Those of ``self`` that the user may not read for being private."""
        query = Query(self.env, self._table, self._table_sql)
        if not self.ids or self.env.su:
            return self.browse()
        condition = self._readable_sql(self._table, query)
        if condition is None:
            return self.browse()
        query.add_where(
            SQL("%s = ANY(%s)", SQL.identifier(self._table, "id"), self.ids)
        )
        query.add_where(SQL("NOT %s", condition))
        return self.browse(id_ for [id_] in self.env.execute_query(query.select()))

    @api.model
    def _helpdesk_tickets(self):
        """Query for the tickets that the user may read as helpdesk user."""
        # evaluated anew each time: a team may have lost the user a moment ago
        context = self.env["ir.rule"]._eval_context()
        always, any_of = [], []
        for of_group, force in self._helpdesk_ticket_rules():
            domain = Domain(safe_eval(force, context)) if force else Domain.TRUE
            (any_of if of_group else always).append(domain)
        # sudo: helpdesk.ticket - these are the rules; archived tickets stay readable
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        return tickets._search(Domain.AND([*always, Domain.OR(any_of)]))

    @ormcache("self.env.uid")
    def _helpdesk_ticket_rules(self):
        """The rules on tickets that a helpdesk user has: (of a group?, its text).

        Remembered until a rule or somebody's groups change, which empty this cache.
        """
        # sudo: ir.rule, res.groups - the user's own rights are looked up
        mine = self.env["ir.rule"]._get_rules("helpdesk.ticket", "read").sudo()
        groups = self.env.ref(USER_OWN).sudo()
        groups = (
            groups | groups.all_implied_by_ids
        ) & self.env.user.sudo().all_group_ids
        return tuple(
            (bool(rule.groups), rule.domain_force)
            for rule in mine
            # a right that is not one of a helpdesk user opens nothing private
            if not rule.groups or rule.groups & groups
        )

    @api.model
    def _ticketless_accounts(self):
        """Query for the accounts whose new private messages the user may read."""
        user = self.env.user
        # sudo: res.users, helpdesk.social.account - the user's own rights, as above
        if user.has_group(USER_ALL):
            domain = Domain.TRUE
        else:
            domain = Domain("team_id", "in", user.sudo().helpdesk_team_ids.ids)
            if user.has_group(USER_TEAM):
                domain |= Domain("team_id", "=", False)
        accounts = self.env["helpdesk.social.account"].sudo()
        return accounts.with_context(active_test=False)._search(domain)

    # === WHAT PEOPLE GET TO SEE === #
    def _make_private_error(self):
        """The refusal names no person and no text: it is shown to anybody."""
        return AccessError(
            self.env._(
                "This is private. Only people who work on its ticket may read it; "
                "ask one of them, or your helpdesk manager."
            )
        )


def hide_names(records):
    """Overwrite the names that the user may not know.

    Names are computed as superuser wherever a record is only mentioned (many2one
    values, error texts), so the rights of the user behind it are asked.
    """
    if records.env.uid == SUPERUSER_ID:
        return
    as_user = records.sudo(False)
    hidden = as_user - as_user._filtered_access("read")
    hidden.sudo(records.env.su).display_name = records.env._("Private")


class HelpdeskSocialConversation(models.Model):
    _name = "helpdesk.social.conversation"
    _inherit = ["helpdesk.social.conversation", "helpdesk.social.access"]

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        hide_names(self)
        return result


class HelpdeskSocialMessage(models.Model):
    _name = "helpdesk.social.message"
    _inherit = ["helpdesk.social.message", "helpdesk.social.access"]
    _rec_names_search = ["text"]

    @api.model
    def _public_sql(self, alias, query):
        """A reply that never left is nothing public: the guard or an approver may have
        kept it back for what it says."""
        return SQL(
            "(%s AND (%s IS NULL OR %s NOT IN %s))",
            super()._public_sql(alias, query),
            *[self._field_to_sql(alias, "delivery_state", query)] * 2,
            UNPUBLISHED,
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        hide_names(self)
        return result


class HelpdeskSocialIdentity(models.Model):
    """Readable for every colleague of the company, and for nobody else by name."""

    _inherit = "helpdesk.social.identity"

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        hide_names(self)
        return result


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.depends_context("uid")
    def _compute_display_name(self):
        """Override: whoever reads a message or conversation is told which ticket it
        is on; of a ticket that a colleague may not read, that is its number.

        Nothing changes for tickets without social messages, nor for customers.
        """
        result = super()._compute_display_name()
        env = self.env
        if not env.su or env.uid == SUPERUSER_ID or not env.user._is_internal():
            return result
        hidden = self.sudo(False)._origin
        hidden -= hidden._filtered_access("read")
        if hidden:
            # sudo: helpdesk.ticket - whether it is ours to hide, and its number
            for ticket in hidden.sudo().filtered("social_linked"):
                ticket.display_name = ticket.number
        return result

    def _social_thread(self, account, audience, target, person):
        """Override: a reply joins no conversation that its author may not read.

        A helpdesk user may change a ticket that he merely follows.
        """
        thread = super()._social_thread(account, audience, target, person)
        thread.sudo(False).check_access("read")
        return thread
