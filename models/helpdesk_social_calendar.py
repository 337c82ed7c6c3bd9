"""Whoever changes working hours moves deadlines: calendars, leaves, and who uses them.

Only noted here; the clocks' scheduled action computes them anew. Nothing is asked where
no account has a target.
"""

from odoo import api, fields, models


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    social_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        help="In which the deadlines of social messages count; empty: those of the "
        "company.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "social_calendar_id" in vals:
            accounts = self.env["helpdesk.social.account"]
            if accounts._any_clock():
                # sudo: helpdesk.social.account - as for calendars
                found = accounts.sudo().search([("team_id", "in", self.ids)])
                found._clocked()._renew_clocks()
        return result


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            calendars = self.env["resource.calendar"]
            self.env["helpdesk.social.account"]._renew_clocks_of(calendars, self)
        return result


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"name", "sequence"}:
            self.env["helpdesk.social.account"]._renew_clocks_of(self)
        return result


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        self.env["helpdesk.social.account"]._renew_clocks_of(rows.calendar_id)
        return rows

    def write(self, vals):
        before = self.calendar_id
        result = super().write(vals)
        accounts = self.env["helpdesk.social.account"]
        accounts._renew_clocks_of(before | self.calendar_id)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_renew_clocks(self):
        self.env["helpdesk.social.account"]._renew_clocks_of(self.calendar_id)


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._renew_clocks()
        return leaves

    def write(self, vals):
        self._renew_clocks()
        result = super().write(vals)
        self._renew_clocks()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_renew_clocks(self):
        self._renew_clocks()

    def _renew_clocks(self):
        """Days off of everybody move deadlines; those of one person do not."""
        # sudo: resource.calendar.leaves - which calendars they are about
        general = self.sudo().filtered(lambda one: not one.resource_id)
        if general:
            everywhere = general.filtered(lambda one: not one.calendar_id)
            self.env["helpdesk.social.account"]._renew_clocks_of(
                general.calendar_id, everywhere.company_id
            )
