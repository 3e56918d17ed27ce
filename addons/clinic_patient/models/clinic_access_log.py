from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock

#: One line for a person, a card, an action and a detail in so many minutes.
MINUTES = 60
#: Logged each time: what leaves the house, and what is done to a record.
EACH_TIME = ("export", "download", "emergency", "erase")
#: The law asks for two years at least.
LEAST_MONTHS = 24
USUAL_MONTHS = 36
PURGED_AT_ONCE = 20_000


class ClinicAccessLog(models.Model):
    """Who opened which card or report, and when; FHIR R4 ``AuditEvent``.

    Written by ``res.partner._log_opening``, and by ``clinic.reading`` about counts, in
    one statement; nobody changes or deletes a line. Lines older than
    ``clinic_patient.access_log_months`` (36, never less than 24) are purged.
    """

    _name = "clinic.access.log"
    _description = "Access to a patient card"
    _order = "date desc, id desc"
    _rec_name = "date"
    _log_access = False

    date = fields.Datetime(required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", string="Who", required=True, readonly=True, ondelete="restrict"
    )
    patient_id = fields.Many2one(
        "res.partner",
        string="Whose card",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    # The words of the rooms above stand here, too: the log stays as it is when one of
    # them is removed.
    action = fields.Selection(
        [
            ("open", "Opened the card"),
            ("read", "Read health data"),
            ("count", "Counted by health data"),
            ("portal", "Read in the portal"),
            ("report", "Opened a report"),
            ("export", "Had the data exported"),
            ("download", "Downloaded the data"),
            ("encounter", "Wrote an encounter"),
            ("emergency", "Opened in an emergency"),
            ("erase", "Erased the person"),
        ],
        required=True,
        readonly=True,
    )
    detail = fields.Char(readonly=True, help="What was opened: numbers and kinds.")

    _patient_date = models.Index("(patient_id, date DESC)")
    _user_patient = models.Index("(user_id, patient_id, date DESC)")

    # pylint: disable=method-required-super
    def write(self, vals):
        """Refuse: a log that is changed proves nothing."""
        raise UserError(self.env._("The access log is not changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The access log is not changed."))

    @api.model
    def _append(self, patient_ids, action, detail=None):
        """Write that the user of the environment had access to these cards.

        In the transaction of the access; on a connection of its own when that only
        reads, so that the log needs no second try of the request.
        """
        parameters = {
            "user": self.env.uid,
            "patients": list(patient_ids),
            "action": action,
            "detail": detail,
            "minutes": 0 if action in EACH_TIME else MINUTES,
        }
        query = """
            INSERT INTO clinic_access_log (date, user_id, patient_id, action, detail)
            SELECT now() AT TIME ZONE 'UTC', %(user)s, p.id, %(action)s, %(detail)s
              FROM unnest(%(patients)s::int[]) p (id)
             WHERE NOT EXISTS (
                   SELECT FROM clinic_access_log l
                    WHERE l.user_id = %(user)s
                      AND (l.patient_id = p.id
                           OR (p.id IS NULL AND l.patient_id IS NULL))
                      AND l.action = %(action)s
                      AND l.detail IS NOT DISTINCT FROM %(detail)s
                      AND l.date > now() AT TIME ZONE 'UTC'
                                   - %(minutes)s * interval '1 minute')
        """
        if self.env.cr.readonly:
            with self.env.registry.cursor() as cr:
                cr.execute(query, parameters)
        else:
            self.env.cr.execute(query, parameters)
            self.invalidate_model()

    @api.autovacuum
    def _gc_old(self):
        """Purge what is older than the site keeps it."""
        # sudo: ir.config_parameter - a setting of the site
        months = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("clinic_patient.access_log_months", USUAL_MONTHS)
        )
        months = int(months) if str(months).isdigit() else USUAL_MONTHS
        limit = fields.Datetime.subtract(clock.now(), months=max(months, LEAST_MONTHS))
        self.env.cr.execute(
            """
            DELETE FROM clinic_access_log WHERE id IN (
                SELECT id FROM clinic_access_log WHERE date < %s ORDER BY date LIMIT %s)
            """,
            (limit, PURGED_AT_ONCE),
        )
        return self.env.cr.rowcount, self.env.cr.rowcount == PURGED_AT_ONCE
