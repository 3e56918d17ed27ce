import logging
from datetime import timedelta

from odoo import api, fields, models

from ..lib import clock

_logger = logging.getLogger(__name__)

#: Minutes until a record that failed is tried again, by the number of its failures.
PATIENCE = (5, 30, 120, 720)


class ClinicTrouble(models.Model):
    """A record that a scheduled action could not work on: the others go on.

    One that fails steps aside, is tried again after longer and longer waits, and stands
    here until it went well. Administrators see the list and are told once.
    """

    _name = "clinic.trouble"
    _description = "Trouble of a scheduled action"
    _order = "since desc, id desc"
    _rec_name = "job"
    _log_access = False

    job = fields.Char(required=True, readonly=True, help="What could not be done.")
    res_model = fields.Char(string="Kind of record", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    failures = fields.Integer(readonly=True, default=1)
    error = fields.Char(
        string="Kind of error", readonly=True, help="The log has the place in the code."
    )
    since = fields.Datetime(required=True, readonly=True)
    next_try = fields.Datetime(readonly=True)

    _once = models.UniqueIndex("(job, res_model, res_id)")

    # ------------------------------------------------------------
    # For scheduled actions
    # ------------------------------------------------------------

    @api.model
    def _each(self, records, job, work):
        """Do something for each record; what one of them raises stops no other.

        Each in a savepoint of its own, so that what failed leaves no trace.

        :param records: recordset; those that wait for another try are left out
        :param str job: what is done, in English, as the list shows it
        :param work: function of one record
        :returns: those that went well
        """
        done = records.browse()
        waiting = self._waiting(records._name, job)
        for record in records:
            if record.id in waiting:
                continue
            try:
                with self.env.cr.savepoint():
                    work(record)
                    self.env.flush_all()
            except Exception as error:  # pylint: disable=broad-except
                self.env.invalidate_all(flush=False)
                self._note(record, job, error)
            else:
                done |= record
        self._forget(done, job)
        return done

    @api.model
    def _waiting(self, model_name, job):
        """Return the ids of the records that are not to be tried yet."""
        # sudo: clinic.trouble - written and read by jobs, whoever they run for
        return set(
            self.sudo()
            .search(
                [
                    ("job", "=", job),
                    ("res_model", "=", model_name),
                    ("next_try", ">", clock.now()),
                ]
            )
            .mapped("res_id")
        )

    @api.model
    def _note(self, record, job, error):
        """Keep that a record failed, log it, and tell administrators once.

        :returns: the clinic.trouble, in sudo
        """
        _logger.exception("%s: %s %s failed", job, record._name, record.id)
        # sudo: clinic.trouble - as above
        known = self.sudo().search(
            [
                ("job", "=", job),
                ("res_model", "=", record._name),
                ("res_id", "=", record.id),
            ]
        )
        now = clock.now()
        failures = known.failures + 1
        minutes = PATIENCE[min(failures, len(PATIENCE)) - 1]
        vals = {
            "failures": failures,
            "error": type(error).__name__,
            "next_try": now + timedelta(minutes=minutes),
        }
        if known:
            known.write(vals)
            return known
        # sudo: clinic.trouble - written by jobs alone, from their own values
        fresh = self.sudo().create(
            {
                **vals,
                "job": job,
                "res_model": record._name,
                "res_id": record.id,
                "since": now,
            }
        )
        self._tell(job)
        return fresh

    @api.model
    def _tell(self, job):
        """A notice on the screens of administrators; no name of anybody in it."""
        administrators = self.env.ref("clinic_base.group_clinic_administrator")
        # sudo: res.groups - only the channel's name is needed
        administrators.sudo()._bus_send(
            "simple_notification",
            {
                "type": "danger",
                "sticky": True,
                "title": self.env._("Something could not be done"),
                "message": self.env._(
                    "%(job)s: see Clinic › Configuration › Troubles.", job=job
                ),
            },
        )

    @api.model
    def _forget(self, records, job):
        """What went well is no trouble any more."""
        if records:
            # sudo: clinic.trouble - as above
            self.sudo().search(
                [
                    ("job", "=", job),
                    ("res_model", "=", records._name),
                    ("res_id", "in", records.ids),
                ]
            ).unlink()

    # ------------------------------------------------------------
    # For administrators
    # ------------------------------------------------------------

    def action_open_record(self):
        """Open the record that failed."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        return record.get_formview_action() if record else False

    def action_try_again(self):
        """Let the next run of the job try it."""
        self.check_access("read")
        # sudo: clinic.trouble - nobody else writes it; the group is in the rights
        self.sudo().next_try = False
        return True

    @api.autovacuum
    def _gc_gone(self):
        """Forget the troubles of records that are gone."""
        everything = self.search([("id", "!=", 0)])
        for model_name, troubles in everything.grouped("res_model").items():
            if model_name not in self.env:
                troubles.unlink()
                continue
            there = self.env[model_name].browse(troubles.mapped("res_id")).exists().ids
            troubles.filtered(lambda one, there=there: one.res_id not in there).unlink()
