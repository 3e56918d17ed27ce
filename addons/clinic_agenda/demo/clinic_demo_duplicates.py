from odoo import models

#: What the second card of a person says otherwise.
SECOND_CARDS = (
    # Registered again online, with a misspelt name; the desk has to look.
    (
        {"given_name": lambda card: card.given_name[:2] + card.given_name[1:]},
        {"identity_state": "to_review", "email": "second@mail.example"},
    ),
    # Typed in a hurry on the phone: no birth date.
    (
        {"birth_date": lambda card: False},
        {"clinic_note": "<p>Called about a visit.</p>"},
    ),
    # Family and given name swapped.
    (
        {
            "family_name": lambda card: card.given_name,
            "given_name": lambda card: card.family_name,
        },
        {"street": "Via Appia Nuova 12"},
    ),
    # The same again, with something the first card does not know.
    ({}, {"patient_warning_text": "Allergic to penicillin", "occupation": "Teacher"}),
)


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    def _make_duplicates(self, patients):
        """Give some people a second card, and look for all that look alike."""
        adults = patients.filtered(
            lambda card: card.clinic_age and card.clinic_age >= 18
        )
        originals = adults[7 : 7 + 11 * 2 * len(SECOND_CARDS) : 11]
        vals_list = []
        for number, card in enumerate(originals):
            changes, more = SECOND_CARDS[number % len(SECOND_CARDS)]
            vals = {
                name: card[name] for name in ("family_name", "given_name", "birth_date")
            }
            vals.update({name: change(card) for name, change in changes.items()})
            vals.update(
                is_patient=True,
                sex=card.sex,
                city=card.city,
                country_id=card.country_id.id,
                tz=card.tz,
                phone_ids=[
                    (0, 0, {"number": phone.number}) for phone in card.phone_ids
                ],
                **more,
            )
            vals_list.append(vals)
        self.env["res.partner"].create(vals_list)
        self.env.flush_all()
        search = self.env["clinic.duplicate.search"].create({"kind": "full"})
        while search.state != "done":
            search._step()
