from .common import AgendaCommon


class AnswersCommon(AgendaCommon):
    """A clinic whose reminders leave by SMS, and a patient who answers them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.sms = cls.env["clinic.message.provider"].create(
            {"name": "SMS", "channel": "sms", "kind": "odoo_mail"}
        )
        cls.number = "+393331234567"
        cls.hold(cls.patient, cls.number)

    @classmethod
    def hold(cls, person, number):
        """Have a person hold a number."""
        cls.env["clinic.phone"].create({"partner_id": person.id, "number": number})

    def speak(self, person, lang):
        self.env["res.lang"]._activate_lang(lang)
        person.lang = lang

    def remind(self, visit, kind="24h"):
        """The reminder of a visit; it waits."""
        kind = self.env.ref(f"clinic_agenda.kind_visit_reminder_{kind}")
        kind.active = True
        visit._remind(kind)
        return self.env["clinic.message"].search(
            [
                ("res_model", "=", visit._name),
                ("res_id", "=", visit.id),
                ("kind_id", "=", kind.id),
            ]
        )

    def leave(self, messages):
        """Messages leave in one claim; those that did."""
        messages.write({"state": "claimed", "claim": "test"})
        gone = messages._let_through(self.sms)
        for message in gone:
            message._apply_state("sent", source="sender")
        return gone

    def answer(self, words, uid="1", number=None):
        """What comes in from a number."""
        return self.env["clinic.message"]._receive(
            self.sms, "sms", number or self.number, words, uid
        )

    def reply_to(self, answer):
        """What was written back to an answer."""
        return self.env["clinic.message"].search(
            [("reply_to_id", "=", answer.id), ("direction", "=", "out")]
        )
