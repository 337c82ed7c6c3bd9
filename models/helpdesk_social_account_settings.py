"""An account's settings, and the adapter made of them.

Secrets are written, never read back: not by a form, an export, a log or an error.
They belong to the host they were given for.
"""

from odoo import api, models
from odoo.exceptions import UserError

from ..networks import base, transport
from . import common
from .fresh_adapter import FreshAdapter
from .helpdesk_social_account import MANAGER

#: settings that networks hand out; an admin may type them in as well
TOKENS = ("access_token", "refresh_token")


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
            unknown = set(values) - set(spec) - set(TOKENS)
            if unknown:
                raise UserError(
                    self.env._(
                        "Unknown settings: %(names)s", names=", ".join(sorted(unknown))
                    )
                )
            host_key = account.network_id._get_adapter_class().host_setting
            if host_key and values.get(host_key):
                account.base_url = account._clean_url(values[host_key])
            given = {key: value for key, value in values.items() if key != host_key}
            changed = account._changed_credentials(given)
            account._store_settings(given)
            account._credentials_changed(changed)
        return True

    def _changed_credentials(self, values):
        """Keys of what proves who we are, given with another value than is stored."""
        spec, changed = self._settings_spec(), set()
        # sudo: helpdesk.social.account, .app - only compared
        stored = {
            **self.app_id._secrets_for(self.base_url),
            **(self.sudo().secrets or {}),
        }
        stored |= self._token_secrets()
        options = self.sudo().options or {}
        for key, value in values.items():
            setting = spec.get(key)
            value = value.strip() if isinstance(value, str) else value
            if setting is None or setting.secret:
                if value and value != stored.get(key):
                    changed.add(key)
            elif setting.required and setting.scope == "account":
                # a user name, where one signs in with a password
                if options.get(key) and value != options[key]:
                    changed.add(key)
        return changed

    def _credentials_changed(self, changed):
        """Nothing is read or sent with credentials that nobody has proved: they may be
        those of another account, whose messages must not get under our cursors."""
        if not changed:
            return
        adapter_class, spec = (
            self.network_id._get_adapter_class(),
            self._settings_spec(),
        )
        own = {key for key in changed if key not in spec or spec[key].scope != "app"}
        if self._has_tokens(adapter_class):
            if changed & set(TOKENS) or (own and adapter_class.can(base.SIGN_IN)):
                # a session of the former credentials says nothing about these
                self._forget_tokens()
            # sudo: helpdesk.social.account - all that share what was changed
            for account in self.sudo().app_id.account_ids if changed - own else self:
                account._touch_tokens()._another_chance()
        # sudo: helpdesk.social.account - state is kept by the machine
        account = self.sudo()
        if own and account.external_id and account.state == "active":
            account.write({"state": "needs_auth", "error_code": "unproven"})

    def _settings_spec(self):
        spec = self.network_id._get_adapter_class().settings_spec
        return {setting.key: setting for setting in spec}

    def _store_settings(self, values):
        """Sort values into options and secrets, of the account or of its app."""
        spec = self._settings_spec()
        # sudo: helpdesk.social.account, .app - write-only secrets; callers checked
        for record, scope in ((self.sudo(), "account"), (self.app_id.sudo(), "app")):
            secrets = dict(record.secrets or {})
            if scope == "app":
                secrets = dict(record._secrets_for(self.base_url))
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
            kept = {"secrets": secrets, "options": options}
            if scope == "app":
                if record._is_same(secrets, options, self.base_url, spec):
                    continue
                # the one that is given, as whoever gives it
                self.app_id._check_shared()
                if secrets == record._secrets_for(self.base_url):
                    del kept["secrets"]
                else:
                    kept["secrets_host"] = self.base_url
            record.write(kept)

    @api.model
    def _clean_url(self, url):
        url = (url or "").strip().rstrip("/")
        return url if "://" in url or not url else f"https://{url}"

    # === ADAPTER === #
    def _adapter(self):
        """The network's adapter with this account's settings: ready to use.

        The result holds secrets: it must never be stored, logged or shown. Where the
        network's tokens end, calls go on with fresh ones by themselves.
        """
        adapter = self._bare_adapter()
        renewable = adapter.can(base.REFRESH) or adapter.can(base.SIGN_IN)
        return FreshAdapter(self, adapter) if renewable else adapter

    def _bare_adapter(self, tokens=None):
        """As ``_adapter``, without renewing anything.

        :param tokens: settings that count instead of the stored tokens
        """
        self.ensure_one()
        adapter_class = self.network_id._get_adapter_class()
        # sudo: helpdesk.social.account, .app - the adapter needs the secrets
        account, app = self.sudo(), self.sudo().app_id
        if tokens is None and self._has_tokens(adapter_class):
            tokens = account._token_secrets()
        secrets = {
            **app._secrets_for(account.base_url),
            **(account.secrets or {}),
            **(tokens or {}),
        }
        settings = {
            setting.key: setting.default for setting in adapter_class.settings_spec
        }
        settings |= {**(app.options or {}), **(account.options or {}), **secrets}
        settings["webhook_secret"] = app._push_secret(account)
        if adapter_class.host_setting:
            settings[adapter_class.host_setting] = account.base_url or ""
        if adapter_class.transport_model:
            line = self.env[adapter_class.transport_model]._transport(account)
        else:
            line = transport.Transport(
                account.base_url or adapter_class.base_url,
                hosts=adapter_class.hosts,
                # the address as well: networks repeat what they could not reach
                secrets=[
                    *secrets.values(),
                    settings["webhook_secret"],
                    app.webhook_token,
                ],
                allow_private=common.private_addresses_allowed(),
                now=common.utcnow,
                rate_headers=adapter_class.rate_headers,
            )
        adapter = adapter_class(settings, line, common.utcnow, account.facts or {})
        if adapter_class.prices:
            # what is told about costs is told in the prices that are booked
            adapter.prices = app._prices_as_text()
        return account._with_till(adapter)

    def _missing_settings(self):
        self.ensure_one()
        # sudo: helpdesk.social.account, .app - only whether a value is there
        account, app = self.sudo(), self.sudo().app_id
        have = {
            **(app.options or {}),
            **app._secrets_for(account.base_url),
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
