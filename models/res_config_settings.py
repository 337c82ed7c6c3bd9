"""Settings of the whole installation: the stop switch, the journal, the lanes.

Nothing of a single network or account belongs here.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import common
from .helpdesk_social_event import KEEP_DAYS, PARAM_KEEP
from .helpdesk_social_lanes import LANES, MAX_LANES


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    social_traffic_stopped = fields.Boolean(
        string="Stop all social traffic", config_parameter=common.PARAM_STOP
    )
    social_journal_days = fields.Integer(
        string="Days to keep raw events",
        config_parameter=PARAM_KEEP,
        default=KEEP_DAYS,
    )
    social_lanes_pull = fields.Integer(string="Reading", default=1)
    social_lanes_process = fields.Integer(string="Processing", default=1)
    social_lanes_deliver = fields.Integer(string="Sending", default=1)

    @api.constrains(
        "social_journal_days",
        "social_lanes_pull",
        "social_lanes_process",
        "social_lanes_deliver",
    )
    def _check_social_numbers(self):
        for settings in self:
            if settings.social_journal_days < 1:
                raise ValidationError(
                    self.env._("Raw events must be kept for at least one day.")
                )
            if any(
                not 1 <= settings[f"social_lanes_{kind}"] <= MAX_LANES for kind in LANES
            ):
                raise ValidationError(
                    self.env._(
                        "There can be between 1 and %(max)s lanes of a kind.",
                        max=MAX_LANES,
                    )
                )

    @api.model
    def get_values(self):
        lanes = self.env["helpdesk.social.lanes"]
        return {
            **super().get_values(),
            **{f"social_lanes_{kind}": len(lanes._lanes(kind)) or 1 for kind in LANES},
        }

    def set_values(self):
        # sudo: ir.config_parameter - one switch; only system users save settings
        params = self.env["ir.config_parameter"].sudo()
        was_stopped = bool(params.get_param(common.PARAM_STOP))
        result = super().set_values()
        lanes = self.env["helpdesk.social.lanes"]
        for kind in LANES:
            number = self[f"social_lanes_{kind}"]
            if number != len(lanes._lanes(kind)):
                lanes._set_lanes(kind, number)
        if was_stopped and not self.social_traffic_stopped:
            for kind in LANES:
                lanes._wake(kind)
        return result
