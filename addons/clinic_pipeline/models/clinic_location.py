from odoo import models


class ClinicLocation(models.Model):
    """Locations: the manager of the appointments is asked what became of visits."""

    _inherit = "clinic.location"

    def _managers_of_visits(self):
        team = self.env.ref("clinic_pipeline.team_appointments", False)
        managers = super()._managers_of_visits()
        return team.user_id | managers if team else managers
