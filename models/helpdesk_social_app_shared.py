"""An app without a company: one registration for the accounts of all companies.

Everybody's accounts may use it, each company sees its own part of the journal and of
the bill, and the totals. What is changed about it is changed for all: only a system
administrator does so, or a helpdesk manager who works in every company. Its secrets go
to the server they were given for, whatever another company's account calls its server.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .helpdesk_social_account import MANAGER


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    may_share = fields.Boolean(compute="_compute_may_share")

    @api.depends_context("uid")
    def _compute_may_share(self):
        self.may_share = self._may_answer_for_all()

    @api.model
    def _may_answer_for_all(self):
        """May the user decide for every company?"""
        user = self.env.user
        if self.env.su or user.has_group("base.group_system"):
            return True
        if not user.has_group(MANAGER):
            return False
        # sudo: res.company - which there are, for the comparison only
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        return companies <= user.sudo().company_ids

    def _all_accounts(self):
        """Accounts of these apps in all companies, archived ones too, as superuser."""
        # sudo: helpdesk.social.account - for sums; not through the field, whose cache
        # is the user's as well
        accounts = self.env["helpdesk.social.account"].sudo()
        return accounts.with_context(active_test=False).search(
            [("app_id", "in", self.ids)]
        )

    # === ACCESS === #
    def _check_access(self, operation):
        """Override: what is shared is changed by who answers for all companies."""
        found = super()._check_access(operation)
        if found or operation == "read" or self.env.su or not any(self._ids):
            return found
        shared = self.sudo().filtered(lambda app: not app.company_id).sudo(False)
        if shared and not self._may_answer_for_all():
            return shared, shared._shared_error
        return None

    def _shared_error(self):
        return AccessError(
            self.env._(
                "The registration %(names)s is shared by all companies: only a system "
                "administrator may change it, or a helpdesk manager of all companies. "
                "Leave its keys and settings as they are, and the account can use it.",
                names=", ".join(self.sudo().mapped("name")),
            )
        )

    def _check_shared(self):
        """Before settings that an account was given are stored in its app.

        :raises AccessError: the app is shared, and the user does not answer for all
        """
        if not self.sudo().company_id:
            self.check_access("write")

    def _is_same(self, secrets, options, host, spec):
        """Would storing these for accounts on ``host`` change nothing?"""

        def told(values):
            return {
                key: (values or {}).get(key) or setting.default or ""
                for key, setting in spec.items()
                if setting.scope == "app" and not setting.secret
            }

        kept = self._secrets_for(host)
        return secrets == kept and told(options) == told(self.sudo().options)

    # === SHARING === #
    @api.model_create_multi
    def create(self, vals_list):
        """Override: who may not change it may not make it either."""
        if any("company_id" in vals and not vals["company_id"] for vals in vals_list):
            self._check_may_share()
        return super().create(vals_list)

    def write(self, vals):
        """Override: sharing is for those who answer for all; the secrets then belong to
        the server they are used with, and to no other."""
        if "company_id" in vals and not vals["company_id"]:
            self._check_may_share()
            # sudo: helpdesk.social.app - which server the secrets are for
            for app in self.sudo():
                if app.secrets and not app.secrets_host:
                    hosts = set(app._all_accounts().mapped("base_url"))
                    if len(hosts) > 1:
                        raise UserError(
                            self.env._(
                                "Its accounts are on several servers, and nobody knows "
                                "whose secrets these are. Type them in again first."
                            )
                        )
                    app.secrets_host = (
                        hosts.pop() if hosts else app._adapter_class().base_url
                    )
        return super().write(vals)

    @api.model
    def _check_may_share(self):
        if not self._may_answer_for_all():
            raise AccessError(
                self.env._(
                    "Only a system administrator, or a helpdesk manager of all "
                    "companies, may share a registration with all companies."
                )
            )

    @api.constrains("company_id")
    def _check_company_of_accounts(self):
        for app in self.filtered("company_id"):
            if app._all_accounts().company_id - app.company_id:
                raise ValidationError(
                    self.env._(
                        "Accounts of other companies use this registration: it stays "
                        "shared as long as they do."
                    )
                )

    # === PUSH === #
    def _is_host_of(self, account):
        """May the server of ``account`` be told our webhook's address and secret?"""
        # sudo: helpdesk.social.app - only compared
        app = self.sudo()
        return bool(app.company_id) or app.secrets_host in (False, account.base_url)

    def _push_secret(self, account):
        """The webhook's secret, for the adapter of an account; see above."""
        # sudo: helpdesk.social.app - for the adapter only
        return (self.sudo().webhook_secret or "") if self._is_host_of(account) else ""

    def _check_push_host(self, account):
        """:raises UserError: the account is on another server than a shared app"""
        if not self._is_host_of(account):
            raise UserError(
                self.env._(
                    "The shared registration is for another server than this account. "
                    "Register an app for it, or let Odoo ask the network itself."
                )
            )
