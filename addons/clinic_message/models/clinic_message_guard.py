from odoo import api, models
from odoo.exceptions import AccessError

#: Who talks with patients; each of them acts on messages by methods only.
TALKERS = (
    "clinic_patient.group_clinic_receptionist",
    "clinic_patient.group_clinic_coordinator",
    "clinic_patient.group_clinic_operator",
    "clinic_patient.group_clinic_practitioner",
)


class ClinicMessage(models.Model):
    """The log is written by the suite only, whoever asks and whatever rights they have.

    A text, an address or a state that somebody could write proves nothing. The staff
    have methods (``write_answer``, ``action_send_again``, ``action_cancel``, ``take``,
    ``finish``, ``say_who``), which check who asks and go on as superuser.
    """

    _inherit = "clinic.message"

    @api.model_create_multi
    def create(self, vals_list):
        self._only_by_the_suite()
        return super().create(vals_list)

    def write(self, vals):
        self._only_by_the_suite()
        return super().write(vals)

    def unlink(self):
        self._only_by_the_suite()
        return super().unlink()

    def _only_by_the_suite(self):
        """Refuse whoever is not the suite itself; administrators too.

        :raises AccessError: says what to do instead
        """
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "Messages are written by the system only, so that the log says "
                    "what was really said. Use the buttons of the message: answer, "
                    "send again, take back, assign."
                )
            )

    @api.model
    def _may_talk(self):
        """Whether the user is one of those who write to patients by hand."""
        return self.env.su or any(map(self.env.user.has_group, TALKERS))

    def _check_may_talk(self):
        """Let only those act who talk with patients, and on what they may read.

        :raises AccessError: another role, a message or a patient that the user may
            not read
        """
        if not self._may_talk():
            raise AccessError(
                self.env._(
                    "Writing to patients is for the reception, coordinators, operators "
                    "and practitioners."
                )
            )
        self.check_access("read")
        # sudo: clinic.message - only to see whose cards are meant
        mine = self.sudo()
        people = mine.patient_id | mine.recipient_id
        people.with_env(self.env).check_access("read")
