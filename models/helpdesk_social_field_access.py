"""Which fields are told to whom, where a model is readable for more than its owners.

An allow-list where most users need little: a field added later is hidden until
somebody decides otherwise. Secrets are not here: they carry ``fields.NO_ACCESS``.
"""

from odoo import api, models

from .helpdesk_social_access import USER_OWN

MANAGER = "helpdesk_mgmt.group_helpdesk_manager"

#: what a public message shows of the account it reached, told to every colleague
ACCOUNT_LABEL = frozenset(
    {
        "id",
        "display_name",
        "name",
        "handle",
        "active",
        "sequence",
        "network_id",
        "network_code",
        "company_id",
        "profile_url",
        "avatar_url",
        "create_date",
        "write_date",
    }
)
#: settings, told to those who may change them
SETTINGS = frozenset({"options", "facts"})


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    @api.model
    def _has_field_access(self, field, operation):
        """Override of the ORM: the label for colleagues, settings for managers."""
        allowed = super()._has_field_access(field, operation)
        if not allowed or self.env.su:
            return allowed
        if field.name in SETTINGS:
            return self.env.user.has_group(MANAGER)
        return field.name in ACCOUNT_LABEL or self.env.user.has_group(USER_OWN)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Override of `mail`: the account's log is not for every colleague."""
        result = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if not self.env.user.has_group(USER_OWN):
            return dict.fromkeys(result, "write")
        return result


class HelpdeskSocialApp(models.Model):
    _inherit = "helpdesk.social.app"

    @api.model
    def _has_field_access(self, field, operation):
        """Override of the ORM: settings are for managers."""
        allowed = super()._has_field_access(field, operation)
        if allowed and not self.env.su and field.name in SETTINGS:
            return self.env.user.has_group(MANAGER)
        return allowed

    def _compute_webhook_url(self):
        """The address is a secret of the company that owns the app."""
        self.check_access("read")
        return super()._compute_webhook_url()


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    @api.model
    def _has_field_access(self, field, operation):
        """Override of the ORM: customers with a login read tickets, but nothing
        that the social addon knows of them.
        """
        allowed = super()._has_field_access(field, operation)
        if allowed and not self.env.su and field.name.startswith("social_"):
            return self.env.user._is_internal()
        return allowed


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _has_field_access(self, field, operation):
        """Override of the ORM: as for tickets."""
        allowed = super()._has_field_access(field, operation)
        if allowed and not self.env.su and field.name.startswith("social_"):
            return self.env.user._is_internal()
        return allowed
