from odoo import models
from odoo.tools import SQL

from ..lib.states import FINISHED_SQL


class ClinicAppointment(models.Model):
    """Whatever changes a visit says so to the patient's facts, within its statement."""

    _inherit = "clinic.appointment"

    # What a patient has had, and from whom: only finished visits are in here, so a
    # booking does not touch them.
    _finished_service = models.Index(
        f"(service_id, patient_id) WHERE state IN {FINISHED_SQL}"
    )
    _finished_specialty = models.Index(
        f"(specialty_id, patient_id) WHERE state IN {FINISHED_SQL}"
    )
    _finished_practitioner = models.Index(
        f"(practitioner_id, patient_id) WHERE state IN {FINISHED_SQL}"
    )

    def init(self):
        """A row in ``clinic.patient.change`` for each visit that matters.

        New visits by statement (an import is one statement), changes by row and only
        when a fact depends on them. An insert into a table without unique key neither
        waits nor conflicts, so bookings stay as they are.
        """
        result = super().init()
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION clinic_appointment_facts_added()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO clinic_patient_change (partner_id)
                    SELECT DISTINCT patient_id FROM added
                     WHERE patient_id IS NOT NULL AND state NOT IN ('held', 'expired');
                    RETURN NULL;
                END $$;

                CREATE OR REPLACE FUNCTION clinic_appointment_facts_changed()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO clinic_patient_change (partner_id)
                    SELECT DISTINCT id
                      FROM unnest(ARRAY[OLD.patient_id,
                                        CASE WHEN TG_OP = 'UPDATE'
                                             THEN NEW.patient_id END]) AS id
                     WHERE id IS NOT NULL;
                    RETURN NULL;
                END $$;

                CREATE OR REPLACE TRIGGER clinic_appointment_facts_added
                AFTER INSERT ON clinic_appointment
                REFERENCING NEW TABLE AS added
                FOR EACH STATEMENT EXECUTE FUNCTION clinic_appointment_facts_added();

                CREATE OR REPLACE TRIGGER clinic_appointment_facts_changed
                AFTER UPDATE ON clinic_appointment FOR EACH ROW
                WHEN (OLD.patient_id IS DISTINCT FROM NEW.patient_id
                      OR OLD.state IS DISTINCT FROM NEW.state
                      OR OLD.start IS DISTINCT FROM NEW.start
                      OR OLD.local_day IS DISTINCT FROM NEW.local_day
                      OR OLD.company_id IS DISTINCT FROM NEW.company_id
                      OR (OLD.price IS DISTINCT FROM NEW.price
                          AND NEW.state IN %(finished)s))
                EXECUTE FUNCTION clinic_appointment_facts_changed();

                CREATE OR REPLACE TRIGGER clinic_appointment_facts_removed
                AFTER DELETE ON clinic_appointment FOR EACH ROW
                EXECUTE FUNCTION clinic_appointment_facts_changed();
                """,
                finished=SQL(FINISHED_SQL),
            )
        )
        return result
