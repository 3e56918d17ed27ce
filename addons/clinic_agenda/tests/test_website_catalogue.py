from odoo.tests import tagged

from .common import AgendaCommon


@tagged("post_install", "-at_install")
class TestWebsiteCatalogue(AgendaCommon):
    """What the search box finds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = cls.env["clinic.booking.catalogue"]
        cls.service.synonyms = "visita al cuore, perché"
        cls.specialty.synonyms = "heart"

    def found(self, text):
        """Names of what is found."""
        return [entry["name"] for entry in self.catalogue._find(text)]

    def test_every_way_to_say_it(self):
        """AGD-08: name, synonym, specialty, practitioner; accents, capitals, order."""
        for text in ("cardiology vis", "CUORE", "perche", "heart", "Perchè cuore"):
            self.assertIn("Cardiology visit", self.found(text), text)
        self.assertEqual(self.found("bianchi"), ["Anna Bianchi"])
        self.assertEqual(self.found("conti bruno"), ["Bruno Conti"])
        self.assertIn("Cardiology", self.found("cardio"))

    def test_slip_of_the_pen(self):
        """AGD-08: a mistyped word still finds something close."""
        self.assertIn("Cardiology visit", self.found("cardoilogy"))

    def test_nothing_odd_is_found(self):
        """Signs of SQL patterns are only signs; nothing and nonsense find nothing."""
        for text in ("", "   ", "%", "_", "\\", "' OR 1=1", "\x00", "qqqqqqq", None):
            self.assertEqual(self.found(text), [], text)
        self.assertEqual(self.found("x" * 10000), [])

    def test_only_what_is_open(self):
        """AGD-13: each switch takes it out of the catalogue."""
        for record in (self.service, self.specialty, self.rome):
            record.online_bookable = False
            self.assertEqual(self.found("cardio"), [], record._name)
            self.assertFalse(self.catalogue._specialties())
            self.assertFalse(self.catalogue._services())
            record.online_bookable = True
        self.assertEqual(self.catalogue._specialties(), [(self.specialty, 1)])

    def test_most_used_first(self):
        """AGD-08: the services booked most often lead."""
        other = self.make_service("Stress test")
        self.env["clinic.offer"].create(
            {
                "service_id": other.id,
                "practitioner_id": self.anna.id,
                "location_id": self.rome.id,
            }
        )
        self.open_week(self.anna)
        self.book(self.tuesday(8))
        self.book(
            self.tuesday(9),
            service_id=other.id,
            patient_id=self.make_patient("Uno", "A").id,
        )
        self.book(
            self.tuesday(10),
            service_id=other.id,
            patient_id=self.make_patient("Due", "B").id,
        )
        self.env.registry.clear_cache()
        self.assertEqual(self.catalogue._popular_services(), other | self.service)
