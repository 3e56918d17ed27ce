import secrets
from hmac import compare_digest

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ..lib import clock
from ..lib.visitor_network import network

MINUTES = 10
TRIES = 5


class ClinicOneTimeCode(models.Model):
    """A code of six digits by which somebody proves to hold a phone number.

    Neither the number nor the code is stored: only keyed hashes of them.
    """

    _name = "clinic.one.time.code"
    _description = "One-time code"
    _order = "id desc"
    _rec_name = "id"
    _log_access = False

    subject_hash = fields.Char(
        required=True, index=True, help="Keyed hash of the phone and the purpose."
    )
    code_hash = fields.Char(required=True)
    salt = fields.Char(required=True)
    expires_at = fields.Datetime(required=True, index=True)
    tries = fields.Integer(required=True, default=0)
    used = fields.Boolean(required=True, default=False)

    @api.model
    def _issue(self, phone_e164, purpose, ip=None, lang=None):
        """Queue an SMS with a new code; return whether one was queued.

        At most 3 codes go to a phone in 15 minutes, 20 to an address in an hour, and
        1,000 in a day altogether (``clinic_base.one_time_code_daily_budget``). The
        caller must tell the visitor the same whether or not a code was queued.

        The code is valid for 10 minutes, for 5 tries and for one use, and replaces
        those issued before for the same phone and purpose.

        :param str phone_e164: where to send it
        :param str purpose: what it is asked for, e.g. "booking"; a code serves no other
        :param str ip: address of the visitor; None when the caller has counted it
        :param str lang: language code of the text
        """
        phone_e164 = self.env["clinic.phone.number"]._normalize(phone_e164)
        if not self._may_issue(phone_e164, ip):
            return False
        code = f"{secrets.randbelow(10**6):06}"
        salt = secrets.token_hex(16)
        # sudo: clinic.one.time.code - nobody has rights on it, this is its only door
        self.sudo().create(
            {
                "subject_hash": self._subject_hash(phone_e164, purpose),
                "code_hash": self._code_hash(salt, code),
                "salt": salt,
                "expires_at": fields.Datetime.add(clock.now(), minutes=MINUTES),
            }
        )
        translated = self.with_context(lang=lang or self.env.lang)
        # sudo: sms.sms - the visitor may not read what is sent
        self.env["sms.sms"].sudo().create(
            {
                "number": phone_e164,
                "body": translated._sms_text(code),
            }
        )
        return True

    def _sms_text(self, code):
        """Return the text of the message; it says nothing of what it opens."""
        return self.env._(
            "%(code)s is your code for %(company)s. It is valid for %(minutes)s "
            "minutes. Do not tell it to anybody.",
            code=code,
            company=self.env.company.name,
            minutes=MINUTES,
        )

    @api.model
    def _may_issue(self, phone_e164, ip):
        Limit = self.env["clinic.rate.limit"]
        # sudo: ir.config_parameter - a setting of the site
        budget = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("clinic_base.one_time_code_daily_budget", "1000")
        )
        phone = self._hash("phone", phone_e164)
        address = ip is not None and self._hash("ip", network(ip))
        return (
            (not address or Limit._hit(f"one_time_code:ip:{address}", 20, 3600))
            and Limit._hit(f"one_time_code:phone:{phone}", 3, 900)
            and Limit._hit("one_time_code:day", int(budget), 86400)
        )

    @api.model
    def _verify(self, phone_e164, purpose, code):
        """Whether ``code`` is the one last sent to this phone for this purpose.

        Each call costs a try, before the code is compared and on an own connection,
        so that neither a rolled back request nor parallel ones give more tries. A
        code is accepted once; when its request is undone it counts as not used.

        :rtype: bool
        """
        phone_e164 = self.env["clinic.phone.number"]._try_normalize(phone_e164)
        if not phone_e164:
            return False
        self.flush_model()
        found = self._execute_apart(
            SQL(
                """
                UPDATE clinic_one_time_code
                   SET tries = tries + 1
                 WHERE id = (
                           SELECT max(id) FROM clinic_one_time_code
                            WHERE subject_hash = %(subject)s
                       )
                   AND NOT used
                   AND tries < %(tries)s
                   AND expires_at > clock_timestamp() AT TIME ZONE 'UTC'
                RETURNING id, salt, code_hash
                """,
                subject=self._subject_hash(phone_e164, purpose),
                tries=TRIES,
            )
        )
        if not found:
            return False
        code_id, salt, code_hash = found
        given = "".join(str(code or "").split())
        if not compare_digest(code_hash, self._code_hash(salt, given)):
            return False
        taken = self._execute_apart(
            SQL(
                "UPDATE clinic_one_time_code SET used = TRUE"
                " WHERE id = %s AND NOT used RETURNING id",
                code_id,
            )
        )
        if taken:
            self.env.cr.postrollback.add(lambda: self._give_back(code_id))
        return bool(taken)

    @api.model
    def _give_back(self, code_id):
        """The request that used a code has failed: the person may use it again."""
        self._execute_apart(
            SQL(
                "UPDATE clinic_one_time_code SET used = FALSE, tries = tries - 1"
                " WHERE id = %s AND used RETURNING id",
                code_id,
            )
        )

    @api.model
    def _execute_apart(self, query):
        """Run one statement on an own connection, commit it, return its first row."""
        with self.env["clinic.rate.limit"]._own_cursor() as cr:
            cr.execute(query)
            return cr.fetchone()

    @api.model
    def _subject_hash(self, phone_e164, purpose):
        return self._hash("subject", f"{purpose}:{phone_e164}")

    @api.model
    def _code_hash(self, salt, code):
        return self._hash("code", f"{salt}:{code}")

    @api.model
    def _hash(self, kind, text):
        # sudo: ir.config_parameter - the key is the secret of the database
        return hmac(self.env(su=True), f"clinic.one.time.code:{kind}", text)

    @api.autovacuum
    def _gc_expired(self):
        """Forget the codes that cannot be used any more."""
        self.search([("expires_at", "<", clock.now())], limit=10000).unlink()
