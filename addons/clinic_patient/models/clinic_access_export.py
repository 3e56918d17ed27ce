import base64
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.clinic_base.lib import clock

_logger = logging.getLogger(__name__)

#: How long the file can be downloaded.
DAYS = 7


class ClinicAccessExport(models.Model):
    """A copy of what is held about one patient (GDPR art. 15 and 20).

    Made in the background, kept for a week, and each download is in the access log.
    The *complete* one is for the clinic, which hands it over. One *for a reader* is for
    the portal: it holds what the portal shows this very person, and ends when any of
    that is hidden from the person.
    """

    _name = "clinic.access.export"
    _description = "Copy of a patient's data"
    _inherit = ["clinic.gate"]
    _order = "id desc"
    _rec_name = "patient_id"

    patient_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade", readonly=True
    )
    reader_id = fields.Many2one(
        "res.partner",
        string="For whom",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="Who downloads it in the portal, and sees there what it holds. Empty: the "
        "complete copy, which the clinic hands over.",
    )
    held = fields.Json(
        string="What it holds", readonly=True, groups="base.group_system"
    )
    state = fields.Selection(
        [
            ("waiting", "In the making"),
            ("ready", "Ready"),
            ("failed", "Failed"),
            ("over", "Over"),
        ],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    data = fields.Binary(attachment=True, readonly=True, groups="base.group_system")
    size = fields.Integer(string="Size (kB)", readonly=True, aggregator=None)
    expires_at = fields.Datetime(string="Until", readonly=True)
    in_portal = fields.Boolean(
        string="In the portal",
        readonly=True,
        help="Its reader can download it there.",
    )
    download_count = fields.Integer(string="Downloads", readonly=True, aggregator=None)

    def action_download(self):
        """Download the file; the access log says so."""
        self.ensure_one()
        self._check_ready()
        return {
            "type": "ir.actions.act_url",
            "url": f"/clinic/access-export/{self.id}/download",
            "target": "download",
        }

    def action_release(self):
        """Have a copy made for each who may look at the patient in the portal today.

        :raises UserError: nobody has a log-in
        """
        self.check_access("read")
        for patient in self.patient_id:
            readers = self._portal_readers(patient)
            if not readers:
                raise UserError(
                    self.env._(
                        "Nobody can log in to the portal for this patient: download "
                        "the copy and hand it over."
                    )
                )
            for reader in readers:
                self._ask(patient, reader)
        return True

    @api.model
    def _portal_readers(self, patient):
        """The patient, and who may read for the patient today, with a log-in."""
        # sudo: clinic.relationship, res.partner - the manager decides about the card
        relations = self.env["clinic.relationship"].sudo()
        guardians = relations.search(
            patient._clinic_relationship_domain("read")
            & Domain("patient_id", "=", patient.id)
        ).guardian_id
        return (patient.sudo() | guardians).filtered("user_ids")

    @api.model
    def _offered_to(self, person):
        """The copies that a person can download in the portal now; in sudo."""
        # sudo: clinic.access.export - those that were made for this person
        exports = self.sudo().search(
            [
                ("reader_id", "=", person.id),
                ("in_portal", "=", True),
                ("state", "=", "ready"),
                ("expires_at", ">", clock.now()),
            ]
        )
        return exports.filtered(lambda export: export._is_still_shown())

    def _is_still_shown(self):
        """Whether the reader may still see all that is in the copy."""
        self.ensure_one()
        shown = self.env["clinic.shown"]._of_patient(self.reader_id, self.patient_id)
        if not shown:
            return False
        # sudo: clinic.access.export - what the copy holds, compared, never shown
        for model, ids in (self.sudo().held or {}).items():
            # sudo: any model - only what of the copy is still there
            there = set(self.env[model].sudo().browse(ids).exists().ids)
            if there - set(shown[model][0].ids if model in shown else ()):
                return False
        return True

    def _check_ready(self):
        self.check_access("read")
        if self.state != "ready" or self.expires_at < clock.now():
            raise UserError(
                self.env._("This copy is not there any more: ask for a new one.")
            )

    @api.model
    def _ask(self, patient, reader=None):
        """Have a copy made; one that is waiting already is taken.

        :param patient: res.partner the user may read
        :param reader: res.partner who gets it in the portal; nobody: the complete one
        :return: clinic.access.export
        :raise AccessError: the user may not export
        """
        patient.check_access("read")
        self.check_access("read")
        patient._log_opening("export")
        # sudo: clinic.access.export - made by asking only
        exports = self.sudo()
        known = exports.search(
            [
                ("patient_id", "=", patient.id),
                ("reader_id", "=", reader.id if reader else False),
                ("state", "=", "waiting"),
            ],
            limit=1,
        )
        if not known:
            known = exports.create(
                {
                    "patient_id": patient.id,
                    "reader_id": reader.id if reader else False,
                    "in_portal": bool(reader),
                }
            )
        self.env["ir.cron"]._set_off("clinic_patient.ir_cron_access_exports")
        return known.with_env(self.env)

    def _make(self):
        """Put the file together; what fails says so and stops no other."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                content, held = self._content()
        except Exception:
            # Whatever it was: the next one must be made. The trace holds ids only.
            _logger.exception("Export %s of a patient failed", self.id)
            self._ours().state = "failed"
            return
        self._ours().write(
            {
                "state": "ready",
                "data": base64.b64encode(content),
                "held": held,
                "size": max(1, len(content) // 1024),
                "expires_at": clock.now() + timedelta(days=DAYS),
            }
        )
        self.create_uid._bus_send(
            "simple_notification",
            {
                "type": "success",
                "message": self.create_uid.with_context(
                    lang=self.create_uid.lang
                ).env._("The copy of a patient's data is ready to be downloaded."),
            },
        )

    def _download(self):
        """Return the file, and log that it was taken."""
        self.ensure_one()
        self._check_ready()
        self.patient_id._log_opening("download", str(self.id))
        # sudo: clinic.access.export - readers of the copy may have its file
        export = self.sudo()
        export.download_count += 1
        return base64.b64decode(export.data or b"")

    @api.model
    def _cron_make(self):
        """Make the copies that were asked for."""
        troubles = self.env["clinic.trouble"]
        job = "Copies of patients' data"
        while True:
            waiting = Domain("state", "=", "waiting") & Domain(
                "id", "not in", list(troubles._waiting(self._name, job))
            )
            export = self.search(waiting, limit=1, order="id").try_lock_for_update()
            if not export:
                break
            troubles._each(export, job, lambda one: one._make())
            left = self.search_count(waiting & Domain("id", "!=", export.id))
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    @api.autovacuum
    def _gc_over(self):
        """Forget the files whose time is over."""
        over = [("state", "=", "ready"), ("expires_at", "<", clock.now())]
        self.search(over)._ours().write(
            {"state": "over", "data": False, "held": False, "in_portal": False}
        )
