import logging
import re

from psycopg2.errors import RaiseException
from psycopg2.extras import Json

from odoo import api, models
from odoo.tools import SQL, mute_logger

from odoo.addons.clinic_base.lib import clock

from ..lib import person_name
from .clinic_patient_import import WORKING

_logger = logging.getLogger(__name__)

ERASED = "[erased]"
#: Rows of these models go with the person, all others stay without the name.
DELETED = {
    "base.partner.merge.automatic.wizard",
    "clinic.access.export",
    "clinic.duplicate",
    "clinic.merge",
    "clinic.patient.change",
    "clinic.phone",
    "clinic.relationship",
    "clinic.segment.member",
    "mail.activity",
    "mail.followers",
    "mail.push.device",
    "mail.scheduled.message",
    "res.partner.bank",
    "res.users.apikeys",
    "res.users.log",
    "sms.sms",
    "snailmail.letter",
    "website.track",
    "website.visitor",
}
#: Models whose rows, and files, the law asks to keep as they are.
KEPT = {"account.move", "account.move.line", "account.payment"}
#: Fields of the card that say nothing about who it was.
HARMLESS = {
    "active",
    "color",
    "company_id",
    "commercial_partner_id",
    "create_date",
    "create_uid",
    "id",
    "is_company",
    "is_patient",
    "message_bounce",
    "partner_share",
    "write_date",
    "write_uid",
    "type",
    "erased_at",
    "lang",
    "tz",
    "employee",
}
TEXTS = ("varchar", "text", "bpchar")


class ClinicErasure(models.AbstractModel):
    """Erases a person and keeps what the law keeps, without the name.

    The card becomes a pseudonym. Rows that exist for the person go (:data:`DELETED`),
    chatter and files too; in every other row that leads to the card, found by
    introspection (``clinic.patient.traces``), the names, numbers and addresses are
    replaced. Only rows that lead to the person are touched: a namesake keeps the name.
    """

    _name = "clinic.erasure"
    _description = "Erasure of a person"

    @api.model
    def _deleted_models(self):
        """Extension point: models whose rows go with the person."""
        return DELETED

    @api.model
    def _kept_models(self):
        """Extension point: models whose rows and files the law keeps as they are."""
        return KEPT

    @api.model
    def _plan(self, patient):
        """Return ``(goes, loses its name, stays as it is)``: ``{model: count}``."""
        relations = self.env["clinic.merge.relations"]
        traces, _links = self.env["clinic.patient.traces"]._traces(patient)
        goes, changes, stays = {}, {}, {}
        for table, ids in traces.items():
            model = relations._model_of(table)
            if not model or model == "res.users" or self.env[model]._transient:
                continue
            if model in self._kept_models():
                stays[model] = len(ids)
            elif self._goes(model):
                goes[model] = len(ids)
            else:
                changes[model] = len(ids)
        return goes, changes, stays

    @api.model
    def _goes(self, model):
        return model in self._deleted_models() or model in (
            "mail.message",
            "ir.attachment",
        )

    @api.model
    def _erase(self, patient):
        """Erase a person for good.

        The caller checks who may and whether it was meant.

        :param patient: res.partner, one patient
        """
        patient.ensure_one()
        # sudo: everything - rows of any addon lead to the patient
        self = self.sudo()
        patient = patient.sudo()
        relations = self.env["clinic.merge.relations"]
        words = self._words(patient)
        traces, links = self.env["clinic.patient.traces"]._traces(patient)
        kept = self._kept_models()
        kept_files = self._kept_files(traces, kept)
        self._forget_uploads(traces)
        users = self.env["res.users"].browse(traces.pop("res_users", []))
        addresses = {patient.email_normalized, *users.mapped("login")} - {False}
        self._delete_mails(patient, addresses)
        for table, ids in traces.items():
            model = relations._model_of(table)
            if table == "ir_attachment":
                ids = [id_ for id_ in ids if id_ not in kept_files]
                files = self.env["ir.attachment"]._paper_step().browse(ids)
                files.exists().unlink()
            elif model in kept:
                continue
            elif model and (
                model in self._deleted_models() or self.env[model]._transient
            ):
                self._delete(table, ids)
            elif table == "mail_message":
                self._erase_messages(patient, ids, words)
            else:
                self._scrub(table, ids, words)
        self._drop_links(patient, links)
        self._close_users(users)
        self._blank(patient)
        self._scrub_queues(words)
        self.env.invalidate_all()
        patient._log_opening("erase")
        _logger.info("Patient %s was erased by user %s", patient.id, self.env.uid)

    @api.model
    def _words(self, patient):
        """Return a regular expression of PostgreSQL for what tells who it was.

        Names and plain digits as whole words, addresses anywhere; longest first.
        """
        names = {patient.name, patient.family_name, patient.given_name}
        names |= {patient.middle_name, patient.complete_name}
        names |= {
            person_name.compose(patient.given_name, patient.family_name),
            person_name.compose(patient.given_name, patient.middle_name),
        }
        names |= {word for name in filter(None, names) for word in name.split()}
        numbers = {
            patient[name]
            for name in (
                *self.env["res.partner"]._clinic_search_fields(),
                "phone",
                "phone_sanitized",
                "email_normalized",
                "street",
            )
            if patient[name] and name != "name"
        }
        for phone in patient.phone_ids:
            numbers |= {phone.number, phone.e164, phone.display_name}
            numbers |= {word for word in phone._search_words() if len(word) > 5}
        users = patient.with_context(active_test=False).user_ids
        numbers |= set(users.mapped("login"))
        plain = {person_name.plain(name) for name in filter(None, names)}
        names = {name for name in names | plain if name and len(name) > 1}
        whole = names | {number for number in numbers if number and number.isdigit()}
        parts = [
            rf"\y{re.escape(text)}\y" if text in whole else re.escape(text)
            for text in sorted(
                {
                    text
                    for text in whole | numbers
                    if text and len(text) > 2 or text in names
                },
                key=lambda text: (-len(text), text),
            )
        ]
        return "|".join(parts)

    @api.model
    def _kept_files(self, traces, kept):
        files = self.env["ir.attachment"].browse(traces.get("ir_attachment", []))
        return set(files.filtered(lambda file: file.res_model in kept).ids)

    @api.model
    def _forget_uploads(self, traces):
        """Forget the files of imports in which the person stood."""
        rows = self.env["clinic.patient.import.row"].browse(
            traces.get("clinic_patient_import_row", [])
        )
        jobs = rows.import_id.filtered(lambda job: job.state not in WORKING)
        jobs._forget_file()
        samples = dict.fromkeys(("sample_1", "sample_2", "sample_3"), False)
        jobs.column_ids.write(samples)
        traces.pop("clinic_patient_import_row", None)
        self._delete("clinic_patient_import_row", rows.ids)

    @api.model
    def _delete(self, table, ids):
        self.env.execute_query(
            SQL(
                "DELETE FROM %s WHERE id = ANY(%s) RETURNING id",
                SQL.identifier(table),
                ids,
            )
        )

    @api.model
    def _erase_messages(self, patient, ids, words):
        """Chatter of the card goes; that of visits and deals loses the name."""
        messages = self.env["mail.message"].browse(ids).exists()
        own = messages.filtered(
            lambda message: (
                message.model == "res.partner" and message.res_id == patient.id
            )
        )
        self._scrub("mail_message", (messages - own).ids, words)
        mails = self.env["mail.mail"].search([("mail_message_id", "in", own.ids)])
        mails.unlink()
        own.exists().unlink()

    @api.model
    def _delete_mails(self, patient, addresses):
        """Mails to the addresses of the person go, unless the family shares them."""
        for address in addresses:
            shared = self.env["res.partner"].search_count(
                [("email_normalized", "=", address), ("id", "!=", patient.id)], limit=1
            )
            if not shared and "@" in address:
                mails = self.env["mail.mail"].search([("email_to", "ilike", address)])
                mails.unlink()

    @api.model
    def _scrub(self, table, ids, words):
        """Replace names, numbers and addresses in all texts of some rows."""
        columns = self.env["clinic.merge.relations"]._columns()[table]
        texts = [name for name, kind in columns.items() if kind in TEXTS]
        if not ids:
            return
        for name, kind in columns.items():
            if kind in ("json", "jsonb"):
                self._scrub_json(table, name, ids, words)
        if not texts:
            return
        query = SQL(
            "UPDATE %s SET %s WHERE id = ANY(%s) AND (%s)",
            SQL.identifier(table),
            SQL(", ").join(
                SQL(
                    "%s = regexp_replace(%s, %s, %s, 'gi')",
                    SQL.identifier(name),
                    SQL.identifier(name),
                    words,
                    ERASED,
                )
                for name in texts
            ),
            ids,
            SQL(" OR ").join(
                SQL("%s ~* %s", SQL.identifier(name), words) for name in texts
            ),
        )
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(query)
        except RaiseException:
            # A history that the database keeps as it was written: the name goes, who
            # did what and when stays.
            trigger = SQL("ALTER TABLE %s", SQL.identifier(table))
            self.env.cr.execute(SQL("%s DISABLE TRIGGER USER", trigger))
            self.env.cr.execute(query)
            self.env.cr.execute(SQL("%s ENABLE TRIGGER USER", trigger))

    @api.model
    def _scrub_json(self, table, name, ids, words):
        """The same in the texts of JSON; its numbers and keys stay."""
        pattern = re.compile(words.replace(r"\y", r"\b"), re.IGNORECASE)

        def clean(value):
            if isinstance(value, str):
                return pattern.sub(ERASED, value)
            if isinstance(value, list):
                return [clean(each) for each in value]
            if isinstance(value, dict):
                return {key: clean(each) for key, each in value.items()}
            return value

        table, column = SQL.identifier(table), SQL.identifier(name)
        for id_, value in self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE id = ANY(%s) AND %s::text ~* %s",
                column,
                table,
                ids,
                column,
                words,
            )
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    table,
                    column,
                    Json(clean(value)),
                    id_,
                )
            )

    @api.model
    def _drop_links(self, patient, links):
        """Take the person out of tags, conditions and lists of recipients."""
        for table, column in links:
            self.env.execute_query(
                SQL(
                    "DELETE FROM %s WHERE %s = %s RETURNING 1",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    patient.id,
                )
            )

    @api.model
    def _close_users(self, users):
        """Nobody logs in as this person any more; the name of the log-in goes."""
        users = users.filtered(lambda user: not user._is_internal())
        users.active = False
        self.env.flush_all()
        # By SQL: Odoo would write to the address about each change of a log-in.
        self.env.cr.execute(
            "UPDATE res_users SET password = NULL, signature = NULL,"
            " login = 'erased-' || id WHERE id = ANY(%s)",
            [users.ids],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    @api.model
    def _blank(self, patient):
        """Turn the card into a pseudonym: every column but the harmless ones."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT attname FROM pg_attribute
             WHERE attrelid = 'res_partner'::regclass AND attnum > 0
               AND NOT attisdropped AND NOT attnotnull
            """
        )
        blank = [row[0] for row in self.env.cr.fetchall() if row[0] not in HARMLESS]
        pseudonym = {
            "name": f"Erased {patient.id}",
            "complete_name": f"Erased {patient.id}",
            "family_name": "Erased",
            "given_name": str(patient.id),
            "identity_state": "confirmed",
        }
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET %s, active = FALSE, erased_at = %s"
                " WHERE id = %s",
                SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), pseudonym.get(name))
                    for name in blank
                ),
                clock.now(),
                patient.id,
            )
        )
        self.env.cr.execute(
            "DELETE FROM clinic_patient_facts WHERE id = %s", [patient.id]
        )
        self.env.invalidate_all()
        images = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", patient.id),
                ("res_field", "!=", False),
            ]
        )
        images.unlink()

    @api.model
    def _scrub_queues(self, words):
        """Messages to screens and one's own notes of the program: gone in any case."""
        self.env.cr.execute("DELETE FROM bus_bus WHERE message::text ~* %s", [words])

    @api.model
    def _summary(self, counts):
        """Return ``[(name of the model, count)]`` for people."""
        names = self.env["ir.model"].sudo()
        return sorted(
            (names._get(model).name, count) for model, count in counts.items()
        )
