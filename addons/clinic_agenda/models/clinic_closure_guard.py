from odoo import models
from odoo.tools import SQL

from ..lib.states import BLOCKING_SQL
from .clinic_appointment import BUSY_SQL


class ClinicClosure(models.Model):
    """What the database guarantees about closures, whoever writes."""

    _inherit = "clinic.closure"

    def init(self):
        """Closed times stand beside each room and device, and keep visits out.

        A trigger copies them into ``closed`` of the room or device; by this it also
        locks that row against bookings under way, which take it ``FOR SHARE``: one of
        the two waits, and then sees the other or is repeated. The refusal has the name
        of an exclusion constraint, so that it reaches people as ``SlotTaken``.
        """
        for table in ("clinic_room", "clinic_equipment"):
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE %s ADD COLUMN IF NOT EXISTS closed tsmultirange"
                    " NOT NULL DEFAULT '{}'",
                    SQL.identifier(table),
                )
            )
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE FUNCTION clinic_closure_copy()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE clinic_room r SET closed = COALESCE((
                    SELECT range_agg(tsrange(c.start, c.stop)) FROM clinic_closure c
                     WHERE c.room_id = r.id), '{}')
                 WHERE (TG_OP <> 'INSERT' AND r.id = OLD.room_id)
                    OR (TG_OP <> 'DELETE' AND r.id = NEW.room_id);
                UPDATE clinic_equipment e SET closed = COALESCE((
                    SELECT range_agg(tsrange(c.start, c.stop)) FROM clinic_closure c
                     WHERE c.equipment_id = e.id), '{}')
                 WHERE (TG_OP <> 'INSERT' AND e.id = OLD.equipment_id)
                    OR (TG_OP <> 'DELETE' AND e.id = NEW.equipment_id);
                RETURN NULL;
            END $$;

            CREATE OR REPLACE FUNCTION clinic_closure_keep_out()
            RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE shut boolean;
            BEGIN
                SELECT closed && %(visit)s INTO shut
                  FROM clinic_room WHERE id = NEW.room_id FOR SHARE;
                IF shut THEN
                    RAISE EXCEPTION 'room %% is closed then', NEW.room_id
                    USING ERRCODE = 'exclusion_violation',
                          CONSTRAINT = 'clinic_closure_room_busy',
                          TABLE = TG_TABLE_NAME;
                END IF;
                RETURN NULL;
            END $$;

            CREATE OR REPLACE FUNCTION clinic_closure_keep_out_equipment()
            RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE shut boolean;
            BEGIN
                SELECT closed && NEW.busy INTO shut
                  FROM clinic_equipment WHERE id = NEW.equipment_id FOR SHARE;
                IF shut THEN
                    RAISE EXCEPTION 'equipment %% is closed then', NEW.equipment_id
                    USING ERRCODE = 'exclusion_violation',
                          CONSTRAINT = 'clinic_closure_equipment_busy',
                          TABLE = TG_TABLE_NAME;
                END IF;
                RETURN NULL;
            END $$;

            CREATE OR REPLACE FUNCTION clinic_closure_check()
            RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM FROM clinic_closure c
                  JOIN clinic_appointment a ON a.room_id = c.room_id
                   AND a.state IN %(blocking)s AND %(busy)s && tsrange(c.start, c.stop)
                   AND (a.hold_expires_at IS NULL
                        OR a.hold_expires_at > now() AT TIME ZONE 'UTC')
                 WHERE c.id = NEW.id;
                IF NOT FOUND THEN
                    PERFORM FROM clinic_closure c
                      JOIN clinic_appointment_equipment_rel r
                        ON r.equipment_id = c.equipment_id
                       AND r.blocking AND r.busy && tsrange(c.start, c.stop)
                      JOIN clinic_appointment a ON a.id = r.appointment_id
                       AND (a.hold_expires_at IS NULL
                            OR a.hold_expires_at > now() AT TIME ZONE 'UTC')
                     WHERE c.id = NEW.id;
                END IF;
                IF FOUND THEN
                    RAISE EXCEPTION 'visits stand in the way of closure %%', NEW.id
                    USING ERRCODE = 'exclusion_violation',
                          CONSTRAINT = 'clinic_closure_visits';
                END IF;
                RETURN NULL;
            END $$;

            CREATE OR REPLACE TRIGGER clinic_closure_copy
            AFTER INSERT OR UPDATE OR DELETE ON clinic_closure
            FOR EACH ROW EXECUTE FUNCTION clinic_closure_copy();

            CREATE OR REPLACE TRIGGER clinic_closure_keep_out
            AFTER INSERT OR UPDATE OF room_id, start, stop, buffer_before,
                buffer_after, state ON clinic_appointment
            FOR EACH ROW WHEN (NEW.room_id IS NOT NULL AND NEW.state IN %(blocking)s)
            EXECUTE FUNCTION clinic_closure_keep_out();

            CREATE OR REPLACE TRIGGER clinic_closure_keep_out
            AFTER INSERT OR UPDATE ON clinic_appointment_equipment_rel
            FOR EACH ROW WHEN (NEW.blocking)
            EXECUTE FUNCTION clinic_closure_keep_out_equipment();

            DROP TRIGGER IF EXISTS clinic_closure_check ON clinic_closure;
            CREATE CONSTRAINT TRIGGER clinic_closure_check
            AFTER INSERT OR UPDATE ON clinic_closure DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION clinic_closure_check();
            """,
                visit=SQL(
                    BUSY_SQL.replace("start", "NEW.start")
                    .replace("stop", "NEW.stop")
                    .replace("buffer_", "NEW.buffer_")
                ),
                busy=SQL(
                    BUSY_SQL.replace("start", "a.start")
                    .replace("stop", "a.stop")
                    .replace("buffer_", "a.buffer_")
                ),
                blocking=SQL(BLOCKING_SQL),
            )
        )
