"""An account's settings, and the adapter made of them.

Secrets are written, never read back: not by a form, an export, a log or an error.
They belong to the host they were given for.
"""

from odoo import api, models
from odoo.exceptions import UserError

from ..networks import transport
from . import common
from .helpdesk_social_account import MANAGER


class HelpdeskSocialAccount(models.Model):
    _inherit = "helpdesk.social.account"

    # === SETTINGS === #
    def set_settings(self, values):
        """Store settings ``{key: value}``; secrets cannot be read back.

        Keys are those of the adapter's ``settings_spec``; an empty secret keeps the
        stored one. Shared settings go to the app. A new host wipes the secrets.
        """
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise UserError(self.env._("Only a helpdesk manager may do this."))
        for account in self:
            spec = account._settings_spec()
            unknown = set(values) - set(spec) - {"access_token", "refresh_token"}
            if unknown:
                raise UserError(
                    self.env._(
                        "Unknown settings: %(names)s", names=", ".join(sorted(unknown))
                    )
                )
            host_key = account.network_id._get_adapter_class().host_setting
            if host_key and values.get(host_key):
                account.base_url = account._clean_url(values[host_key])
            account._store_settings(
                {key: value for key, value in values.items() if key != host_key}
            )
        return True

    def _settings_spec(self):
        spec = self.network_id._get_adapter_class().settings_spec
        return {setting.key: setting for setting in spec}

    def _store_settings(self, values):
        """Sort values into options and secrets, of the account or of its app."""
        spec = self._settings_spec()
        # sudo: helpdesk.social.account, .app - write-only secrets; callers checked
        for record, scope in ((self.sudo(), "account"), (self.app_id.sudo(), "app")):
            secrets = dict(record.secrets or {})
            options = dict(record.options or {})
            for key, value in values.items():
                setting = spec.get(key)
                if (setting.scope if setting else "account") != scope:
                    continue
                value = (value or "").strip() if isinstance(value, str) else value
                if setting is None or setting.secret:
                    if value:
                        secrets[key] = value
                else:
                    options[key] = value
            record.write({"secrets": secrets, "options": options})

    @api.model
    def _clean_url(self, url):
        url = (url or "").strip().rstrip("/")
        return url if "://" in url or not url else f"https://{url}"

    # === ADAPTER === #
    def _adapter(self):
        """The network's adapter with this account's settings: ready to use.

        The result holds secrets: it must never be stored, logged or shown.
        """
        self.ensure_one()
        adapter_class = self.network_id._get_adapter_class()
        # sudo: helpdesk.social.account, .app - the adapter needs the secrets
        account, app = self.sudo(), self.sudo().app_id
        secrets = {**(app.secrets or {}), **(account.secrets or {})}
        settings = {
            setting.key: setting.default for setting in adapter_class.settings_spec
        }
        settings |= {**(app.options or {}), **(account.options or {}), **secrets}
        settings["webhook_secret"] = app.webhook_secret or ""
        if adapter_class.host_setting:
            settings[adapter_class.host_setting] = account.base_url or ""
        if adapter_class.transport_model:
            line = self.env[adapter_class.transport_model]._transport(account)
        else:
            line = transport.Transport(
                account.base_url or adapter_class.base_url,
                hosts=adapter_class.hosts,
                secrets=[*secrets.values(), settings["webhook_secret"]],
                allow_private=common.private_addresses_allowed(),
                now=common.utcnow,
                rate_headers=adapter_class.rate_headers,
            )
        return adapter_class(settings, line, common.utcnow, account.facts or {})

    def _missing_settings(self):
        self.ensure_one()
        # sudo: helpdesk.social.account, .app - only whether a value is there
        account, app = self.sudo(), self.sudo().app_id
        have = {
            **(app.options or {}),
            **(app.secrets or {}),
            **(account.options or {}),
            **(account.secrets or {}),
        }
        host_key = self.network_id._get_adapter_class().host_setting
        return [
            setting
            for key, setting in self._settings_spec().items()
            if setting.required
            and not (self.base_url if key == host_key else have.get(key))
            and not setting.default
        ]
