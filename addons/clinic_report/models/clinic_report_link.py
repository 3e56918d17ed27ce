import hashlib
import secrets

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

MINUTES = 15
USES = 5


class ClinicReportLink(models.Model):
    """A link to a file of a report, for one person and a quarter of an hour.

    Only a hash of its secret part (256 bits) is stored. It opens nothing by itself:
    whose it is, and whether this person may still read it, is asked at each use.
    """

    _name = "clinic.report.link"
    _description = "Link to a report"
    _rec_name = "id"
    _log_access = False

    token_hash = fields.Char(required=True)
    version_id = fields.Many2one(
        "clinic.diagnostic.report.version",
        required=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users", required=True, index=True, ondelete="cascade"
    )
    expires_at = fields.Datetime(required=True, index=True)
    uses = fields.Integer(required=True, default=0)

    _token_unique = models.UniqueIndex("(token_hash)")

    @api.model
    def _issue(self, version):
        """Return the secret of a new link for the user of the environment."""
        token = secrets.token_urlsafe(32)
        # sudo: clinic.report.link - nobody has rights on it, this is its only door
        self.sudo().create(
            {
                "token_hash": self._token_hash(token),
                "version_id": version.id,
                "user_id": self.env.uid,
                "expires_at": fields.Datetime.add(clock.now(), minutes=MINUTES),
            }
        )
        return token

    @api.model
    def _find(self, token):
        """Return, in sudo, the link of the user with this secret, used up or not."""
        # sudo: clinic.report.link - only the user's own
        return self.sudo().search(
            [
                ("token_hash", "=", self._token_hash(token)),
                ("user_id", "=", self.env.uid),
            ],
            limit=1,
        )

    def _why_refused(self):
        """Return why a link cannot be used now, None when it can."""
        self.ensure_one()
        if self.expires_at <= clock.now():
            return "expired"
        if self.uses >= USES:
            return "used_up"
        partner = self.user_id.partner_id
        report = self.version_id.report_id
        domain = fields.Domain("id", "=", report.id)
        if self.version_id != report.current_version_id or not report._search_readable(
            partner, domain
        ):
            return "not_online"
        return None

    def _use(self):
        """Take one use; return why not, None when it was taken.

        In one statement, so that requests at the same moment get no more uses.
        """
        refused = self._why_refused()
        if refused:
            return refused
        taken = self.env.execute_query(
            SQL(
                "UPDATE clinic_report_link SET uses = uses + 1"
                " WHERE id = %s AND uses < %s RETURNING uses",
                self.id,
                USES,
            )
        )
        self.invalidate_recordset(["uses"])
        return None if taken else "used_up"

    @api.model
    def _token_hash(self, token):
        return hashlib.sha256((token or "").encode()).hexdigest()

    @api.autovacuum
    def _gc_expired(self):
        """Forget links of yesterday; those of today still say why they end."""
        self.search([("expires_at", "<", "now -1d")], limit=10000).unlink()
