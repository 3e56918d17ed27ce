from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib.ours import is_ours

from ..lib.states import STATES
from .clinic_appointment import CHANNELS


class ClinicAppointmentEvent(models.Model):
    """What happened to an appointment: when, by whom, from where, why. Append-only."""

    _name = "clinic.appointment.event"
    _description = "Appointment event"
    _order = "id"
    _log_access = False

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("created", "Created"),
            ("state", "State changed"),
            ("moved", "Moved"),
            ("resized", "Length changed"),
            ("overbooked", "Overbooked"),
            ("patient", "Patient changed"),
        ],
        required=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        ondelete="set null",
        help="The patient or guardian who did it without a log-in.",
    )
    channel = fields.Selection(CHANNELS, required=True)
    old_state = fields.Selection(STATES)
    new_state = fields.Selection(STATES)
    old_start = fields.Datetime()
    new_start = fields.Datetime()
    old_practitioner_id = fields.Many2one("clinic.practitioner", ondelete="set null")
    new_practitioner_id = fields.Many2one("clinic.practitioner", ondelete="set null")
    old_patient_id = fields.Many2one("res.partner", ondelete="set null")
    new_patient_id = fields.Many2one("res.partner", ondelete="set null")
    reason = fields.Char()

    def init(self):
        """What happened stays as it was written, raw SQL included."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION clinic_appointment_event_keep()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (OLD.appointment_id, OLD.kind, OLD.date, OLD.user_id, OLD.channel,
                    OLD.old_state, OLD.new_state, OLD.old_start, OLD.new_start,
                    OLD.reason)
                   IS DISTINCT FROM
                   (NEW.appointment_id, NEW.kind, NEW.date, NEW.user_id, NEW.channel,
                    NEW.old_state, NEW.new_state, NEW.old_start, NEW.new_start,
                    NEW.reason)
                THEN
                    RAISE EXCEPTION 'clinic_appointment_event is append-only';
                END IF;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER clinic_appointment_event_keep
            BEFORE UPDATE ON clinic_appointment_event
            FOR EACH ROW EXECUTE FUNCTION clinic_appointment_event_keep();
            """
        )

    def write(self, vals):
        """History is not rewritten.

        :raises UserError: always, unless there is nothing to write on
        """
        if self:
            raise UserError(self.env._("The history of a visit cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not is_ours(self.env.context, "clinic_discard"):
            raise UserError(self.env._("The history of a visit cannot be deleted."))
