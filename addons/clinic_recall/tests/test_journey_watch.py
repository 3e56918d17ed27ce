from odoo.tests import HttpCase, tagged

from .common_journey import JourneyCommon


@tagged("post_install", "-at_install")
class TestWatch(JourneyCommon, HttpCase):
    """The page of a video, without a log-in."""

    def setUp(self):
        super().setUp()
        self.trip = self.journey(goal="none")
        self.video, _wait, self.fork = self.chain(
            self.trip,
            (
                "video",
                {
                    "template_id": self.text.id,
                    "video": "AAAAIGZ0eXBpc29t",
                    "video_name": "hello.mp4",
                },
            ),
            ("wait", {"wait_amount": 1}),
            ("condition", {"condition": "watched", "watched_percent": "50"}),
        )
        self.trip.insert_node("tag", self.fork.id, "next")
        self.fork.next_id.tag_id = self.tag
        self.trip.action_start()
        self.tick()
        self.entry = self.trip.entry_ids[0]
        self.path = self.entry._watch_path(self.video)

    def seen(self, percent, path=None):
        return self.make_jsonrpc_request(
            f"{path or self.path}/seen", {"percent": percent}
        )

    def test_quarters_are_counted(self):
        """RCL-06: begun and each quarter once; reading the page counts nothing."""
        Watch = self.env["clinic.journey.watch"]
        self.assertIn(
            "/clinic/watch/",
            self.messages(self.trip)[0]._text()[1],
        )
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertEqual(self.url_open(f"{self.path}/video").status_code, 200)
        self.assertFalse(Watch.search([]))
        for percent in (0, 25, 50, 25, 33, 1000):
            self.seen(percent)
        watch = Watch.search([])
        self.assertEqual((len(watch), watch.percent), (1, 50))
        self.assertFalse(watch.finished_on)
        self.tick(days=2)
        self.assertEqual(self.people.filtered("category_id"), self.entry.patient_id)

    def test_forged_links_count_nothing(self):
        """S1: neither page nor file nor counter opens without the signature."""
        for token in ("x", "A" * 500, self.path.rpartition("/")[2][:-3] + "abc"):
            path = f"/clinic/watch/{token}"
            with self.subTest(token[:9]):
                self.assertEqual(self.url_open(path).status_code, 404)
                self.assertEqual(self.url_open(f"{path}/video").status_code, 404)
                self.seen(50, path)
        self.assertFalse(self.env["clinic.journey.watch"].search([]))
