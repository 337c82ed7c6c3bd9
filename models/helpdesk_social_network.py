"""The catalogue of networks: one record per network, the adapter found by its code.

It must never hold a secret, and nobody may ever rename a code.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import ormcache
from odoo.tools.translate import get_translated_module, get_translation

from ..networks import base, registry


class HelpdeskSocialNetwork(models.Model):
    _name = "helpdesk.social.network"
    _description = "Social Network"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(
        required=True,
        default="/helpdesk_social/static/description/icon.png",
        help="Path of the picture that marks this network's messages.",
    )
    color = fields.Char(default="#6c757d", help="Colour of the network's mark.")
    note = fields.Text(translate=True, help="What an admin should know first.")
    private_note = fields.Text(
        string="Private Messages",
        translate=True,
        help="What agents must know about private messages here: what does not reach "
        "us, who cannot be written to.",
    )
    channel_id = fields.Many2one(
        "helpdesk.ticket.channel",
        string="Ticket Channel",
        required=True,
        ondelete="restrict",
        help="What a ticket from this network shows as its channel.",
    )
    account_ids = fields.One2many("helpdesk.social.account", "network_id")
    account_count = fields.Integer(compute="_compute_account_count")
    #: what the adapter can do, for buttons and for the composer
    capabilities = fields.Json(compute="_compute_capabilities")
    available = fields.Boolean(compute="_compute_capabilities")

    _code_unique = models.Constraint("UNIQUE (code)", "A network's code is unique.")

    def _compute_account_count(self):
        counts = dict(
            self.env["helpdesk.social.account"]._read_group(
                [("network_id", "in", self.ids)], ["network_id"], ["__count"]
            )
        )
        for network in self:
            network.account_count = counts.get(network, 0)

    @api.depends("code")
    def _compute_capabilities(self):
        for network in self:
            adapter_class = self._adapter_class(network.code)
            network.available = bool(adapter_class)
            network.capabilities = (
                sorted(adapter_class.capabilities) if adapter_class else []
            )

    # === CATALOGUE === #
    @api.model
    def _catalogue(self):
        """{id: what a screen shows of a network}; it costs no query once it is known.

        Their codes are then known to this transaction as well: whoever looks for an
        adapter does not read the network for it.
        """
        found = self._catalogue_rows()
        networks = self.browse(found)
        # what is in the table, as it is read from there; see ``_catalogue_rows``
        self._fields["code"]._insert_cache(
            networks, [one["code"] for one in found.values()]
        )
        return {one.id: {**found[one.id], "can": one.capabilities} for one in networks}

    @api.model
    @ormcache("self.env.lang")
    def _catalogue_rows(self):
        # sudo: helpdesk.social.network - the catalogue holds no secrets
        networks = (
            self.sudo().with_context(active_test=False).search([("code", "!=", False)])
        )
        return {
            one.id: {
                "id": one.id,
                "code": one.code,
                "name": one.name,
                "icon": one.icon,
                "color": one.color,
                "private_note": one.private_note or "",
            }
            for one in networks
        }

    @api.model_create_multi
    def create(self, vals_list):
        networks = super().create(vals_list)
        self.env.registry.clear_cache()
        return networks

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        if "code" in vals and any(one.code != vals["code"] for one in self):
            raise UserError(self.env._("A network's code never changes."))
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.model
    def _adapter_class(self, code) -> type[base.Adapter] | None:
        """The adapter class for ``code``.

        Other addons bring a network of their own by overriding this: return the
        class for their code, ``super()`` for every other.
        """
        return registry.adapters().get(code)

    def _get_adapter_class(self) -> type[base.Adapter]:
        self.ensure_one()
        adapter_class = self._adapter_class(self.code)
        if adapter_class is None:
            raise UserError(
                self.env._(
                    "There is no adapter for %(network)s. Is the addon that brings "
                    "it installed?",
                    network=self.name,
                )
            )
        return adapter_class

    def _term(self, text, lang=None):
        """A word of this network's adapter (``terms._lt``) in the reader's language.

        Whatever is no such word, or has no translation, stays as it is: a handle in an
        error's detail, a network's own name of a right.

        :param lang: code of another language than the reader's
        """
        adapter_class = self._adapter_class(self.code) if self else None
        if not text or adapter_class is None:
            return text
        # networks of other addons bring translations of their own
        module = get_translated_module(adapter_class.__module__)
        return get_translation(module, lang or self.env.lang or "en_US", text, ())
