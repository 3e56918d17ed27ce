from odoo.tests import HttpCase, new_test_user, tagged

#: Stands in no other place than in the data of the tests.
NAME = "Zyxwvut"


@tagged("post_install", "-at_install")
class TestRefusalLog(HttpCase):
    """What a person is told does not stand in the log."""

    def test_the_text_of_a_refusal_is_not_logged(self):
        """S15: the answer names the wrong value, the log only kind and place."""
        new_test_user(
            self.env, "desk", groups="clinic_patient.group_clinic_receptionist"
        )
        self.authenticate("desk", "desk")
        with self.assertLogs("odoo.http", "WARNING") as logs:
            answer = self.url_open(
                "/web/dataset/call_kw/res.partner/create",
                json={
                    "params": {
                        "model": "res.partner",
                        "method": "create",
                        "args": [
                            {
                                "is_patient": True,
                                "family_name": NAME,
                                "phone_ids": [[0, 0, {"number": f"{NAME} 12"}]],
                            }
                        ],
                        "kwargs": {},
                    }
                },
            )
        self.assertIn(NAME, answer.text)
        self.assertNotIn(NAME, "\n".join(logs.output))
        self.assertIn("ValidationError told to the user", logs.output[0])
