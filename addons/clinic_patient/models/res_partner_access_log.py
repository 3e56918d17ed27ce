from odoo import models

from .clinic_reading import BASICS


class ResPartner(models.Model):
    """The patient card: who opened it."""

    _inherit = "res.partner"

    def _read_format(self, fnames, load="_classic_read"):
        """Values for whoever asks; one card with more than names is an open card."""
        result = super()._read_format(fnames, load)
        if len(self) == 1 and not self.env.su and not BASICS.issuperset(fnames):
            self._origin._log_opening("open")
        return result

    def _log_opening(self, action, detail=None):
        """Write into the access log that the user had these cards before them.

        To be called by whatever shows health data of a patient outside the ways that
        ``clinic.reading`` watches: a portal page, a report. Cheap and repeatable: one
        line for a person, card, action and detail in an hour, save for the actions that
        are logged each time. Cards of no patient are left out, the system itself too.

        :param str action: see ``clinic.access.log``
        :param str detail: what was opened, by its number or kind; never a name or a
            finding
        """
        if self.env.su and self.env.uid == 1:
            return
        # sudo: res.partner - only whether it is a patient
        patients = self.sudo().filtered("is_patient")
        if patients.ids:
            # sudo: clinic.access.log - nobody may write it, this is its only door
            self.env["clinic.access.log"].sudo()._append(patients.ids, action, detail)

    def action_open_access_log(self):
        """Show who opened this card."""
        self.ensure_one()
        return dict(
            self.env["ir.actions.act_window"]._for_xml_id(
                "clinic_patient.clinic_access_log_action"
            ),
            domain=[("patient_id", "=", self.id)],
            context={},
        )
