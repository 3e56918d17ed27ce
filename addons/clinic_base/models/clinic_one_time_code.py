import secrets
from hmac import compare_digest

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

from ..lib import clock
from ..lib.visitor_network import network

MINUTES = 10
TRIES = 5
#: The system parameter that says how many codes an address gets in an hour.
PER_NETWORK = "clinic_base.one_time_code_per_network"


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
    def _issue(self, phone_e164, purpose, ip=None, lang=None, session=None):
        """Queue an SMS with a new code; return whether one was queued.

        At most 3 codes go to a phone in 15 minutes, 10 to a browser in an hour, 300 to
        an address (hundreds of telephones share the one of a mobile network), and
        1,000 in a day altogether (``clinic_base.one_time_code_daily_budget``); codes
        that anybody may ask for (:meth:`_public_purposes`) and the others are counted
        apart for a phone and for a day, so that no stranger uses up those of an owner.
        Who waits for a code is told by :meth:`_refusal`; whether somebody has an
        account does not change the answer.

        The code is valid for 10 minutes, for 5 tries and for one use, and replaces
        those issued before for the same phone and purpose.

        :param str phone_e164: where to send it
        :param str purpose: what it is asked for, e.g. "booking"; a code serves no other
        :param str ip: address of the visitor; None when the caller has counted it
        :param str lang: language code of the text
        :param str session: the browser's; None when there is none
        """
        phone_e164 = self.env["clinic.phone.number"]._normalize(phone_e164)
        limits = self._limits(phone_e164, purpose, ip, session)
        if not all(self.env["clinic.rate.limit"]._hit(*each) for each in limits):
            return False
        code = f"{secrets.randbelow(10**6):06}"
        salt = secrets.token_hex(16)
        expires_at = fields.Datetime.add(clock.now(), minutes=MINUTES)
        # sudo: clinic.one.time.code - nobody has rights on it, this is its only door
        self.sudo().create(
            {
                "subject_hash": self._subject_hash(phone_e164, purpose),
                "code_hash": self._code_hash(salt, code),
                "salt": salt,
                "expires_at": expires_at,
            }
        )
        self._deliver(phone_e164, code, lang or self.env.lang, expires_at)
        return True

    def _deliver(self, phone_e164, code, lang, expires_at):
        """Send the code by the clinic's outbox, which keeps no code."""
        words = self.with_context(lang=lang)
        self.env["clinic.outbox"]._say(
            "code",
            "sms",
            phone_e164,
            words._sms_text(code),
            shown=words._sms_text("••••••"),
            lang=lang,
            expires_at=expires_at,
        )

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
    def _public_purposes(self):
        """Extension point: purposes, without what follows a colon, for which anybody
        gets a code, whose number it may be.

        :rtype: set
        """
        return set()

    @api.model
    def _limits(self, phone_e164, purpose, ip, session):
        """What is counted for one code: list of ``(key, how many, seconds)``."""
        # sudo: ir.config_parameter - settings of the site
        settings = self.env["ir.config_parameter"].sudo()
        network_limit = settings.get_param(PER_NETWORK, "300")
        budget = settings.get_param("clinic_base.one_time_code_daily_budget", "1000")
        phone = self._hash("phone", phone_e164)
        public = purpose.partition(":")[0] in self._public_purposes()
        kind = "public" if public else "known"
        limits = []
        # The address first: beyond its limit no new browser leaves a counter.
        if ip is not None:
            address = self._hash("ip", network(ip))
            limits.append((f"one_time_code:ip:{address}", int(network_limit), 3600))
        if session:
            browser = self._hash("session", session)
            limits.append((f"one_time_code:session:{browser}", 10, 3600))
        return [
            *limits,
            (f"one_time_code:phone:{kind}:{phone}", 3, 900),
            (f"one_time_code:day:{kind}", int(budget), 86400),
        ]

    @api.model
    def _refusal(self, phone_e164, purpose, ip=None, session=None):
        """Return words for who got no code: what to do instead, and when to come back.

        The arguments are those of :meth:`_issue`.
        """
        phone_e164 = self.env["clinic.phone.number"]._normalize(phone_e164)
        minutes = self.env["clinic.rate.limit"]._minutes_to_wait(
            self._limits(phone_e164, purpose, ip, session)
        )
        if minutes > 90:
            return self.env._(
                "We cannot send any more codes today. Please call us: we will help you "
                "at once."
            )
        return self.env._(
            "Several codes were sent already. Use the last one, or ask for a new one "
            "in %(minutes)s minutes. If none arrives, please call us.",
            minutes=minutes,
        )

    @api.model
    def _is_usable(self, phone_e164, purpose):
        """Whether the code last sent to a phone for this purpose can still be used."""
        phone_e164 = self.env["clinic.phone.number"]._normalize(phone_e164)
        # sudo: clinic.one.time.code - nobody has rights on it, this is its only door
        last = self.sudo().search(
            [("subject_hash", "=", self._subject_hash(phone_e164, purpose))], limit=1
        )
        return bool(
            last
            and not last.used
            and last.tries < TRIES
            and last.expires_at > fields.Datetime.add(clock.now(), minutes=1)
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
        """Forget the codes that cannot be used any more.

        :returns: ``(how many, whether there are others)``, as autovacuum asks
        """
        expired = self.search([("expires_at", "<", clock.now())], limit=10000)
        expired.unlink()
        return len(expired), len(expired) == 10000
