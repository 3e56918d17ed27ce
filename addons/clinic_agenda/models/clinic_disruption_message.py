from odoo import models
from odoo.exceptions import UserError

from odoo.addons.clinic_message.lib.personal_link import place_of


class ClinicMessageKind(models.Model):
    """What the text about a practitioner who is away may say."""

    _inherit = "clinic.message.kind"

    def _placeholders(self):
        names = super()._placeholders()
        if not self or self.code == "practitioner_ill":
            names["proposal"] = self.env._("Proposed time, with whom")
            names["offer_link"] = self.env._(
                "Link by which an offered time is answered"
            )
        return names


class ClinicMessage(models.Model):
    """Answers to a proposal of another time."""

    _inherit = "clinic.message"

    def _after_inbound(self, keyword):
        line = self._line_meant()
        if line and keyword in ("yes", "confirm", "no", "cancel", "move"):
            return self._answer_proposal(line, keyword)
        return super()._after_inbound(keyword)

    def _line_meant(self):
        """The visit to settle that an answer is about."""
        asked = self.reply_to_id
        # sudo: clinic.disruption.line - the answer came from an address of the patient
        lines = self.env["clinic.disruption.line"].sudo()
        if asked.res_model != lines._name:
            return lines.browse()
        line = lines.browse(asked.res_id).exists()
        person = self.recipient_id or self.patient_id
        return line if line and line._may_answer(person) else lines.browse()

    def _answer_proposal(self, line, keyword):
        """Move to the proposal; NO has somebody call; CANCEL and MOVE get the link."""
        lang = self._answer_lang()
        spoken = self.with_context(lang=lang)
        person = self.recipient_id or self.patient_id
        if keyword == "no":
            line._give_up()
            return False
        if keyword in ("cancel", "move") or not line.option_ids:
            return self._reply_automatically(
                spoken.env._(
                    "Choose another time here: %(link)s", link=place_of("offer_link")
                ),
                about=line,
                named=line.appointment_id,
            )
        try:
            with self.env.cr.savepoint():
                line.with_context(lang=lang)._take(
                    line.option_ids[0], person, "message"
                )
        except UserError as refusal:
            line._give_up()
            self._reply_automatically(str(refusal))
            return False
        visit = line.appointment_id
        return self._reply_automatically(
            spoken.env._(
                "Thank you: %(when)s, %(where)s.",
                when=visit.location_id._speak_time(visit.start, lang),
                where=visit.location_id.name,
            ),
            named=visit,
        )
