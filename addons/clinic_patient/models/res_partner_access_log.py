from odoo import models

#: A read of one card that asks for no more is a name in a list, not an open card.
NAMES = {"id", "display_name", "name", "complete_name", "avatar_128", "write_date"}


class ResPartner(models.Model):
    """The patient card: who opened it."""

    _inherit = "res.partner"

    def web_read(self, specification):
        """Odoo's read of a form; that of a patient card is logged."""
        result = super().web_read(specification)
        if len(self) == 1 and result and specification.keys() - NAMES:
            self._log_opening("open")
        return result

    # Odoo's own is read-only; a line of the log is written by the same transaction.
    web_read._readonly = False

    def _log_opening(self, action, detail=None):
        """Write into the access log that the user had these cards before them.

        To be called by whatever shows health data of a patient: a form, a portal page,
        a report. Cheap and repeatable: one line for a person, card and action in ten
        minutes. Cards of no patient are left out, the system itself too.

        :param str action: see ``clinic.access.log``
        :param str detail: what was opened, by its number; never a name or a finding
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
