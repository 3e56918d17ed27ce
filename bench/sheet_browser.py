"""The day sheet in Chromium: how soon it is there, how smoothly a visit is dragged.

Headless Chromium draws without a graphics card, on the cores that serve the site and
the database as well: figures of a real desk are better.
"""

import statistics
from typing import NamedTuple

from playwright.sync_api import sync_playwright

OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
]
#: A frame at 60 Hz takes 16.7 ms; a longer one than this was late.
LATE = 20.0
SCREEN = {"width": 1920, "height": 1080}

#: Opens the sheet as a menu does and waits for the frame that shows all its visits.
OPEN = """
async ({context, visits}) => {
    performance.mark("asked");
    const {action} = odoo.__WOWL_DEBUG__.root.env.services;
    await action.doAction("clinic_agenda.clinic_day_sheet_action", {
        additionalContext: context, clearBreadcrumbs: true,
    });
    const frame = () => new Promise(requestAnimationFrame);
    while (document.querySelectorAll(".o_clinic_visit").length < visits) {
        await frame();
    }
    await frame();
    await frame();
    performance.mark("painted");
    return performance.measure("paint", "asked", "painted").duration;
}
"""
#: Notes when each frame begins, until told to stop.
RECORD = """
() => {
    const times = (window.benchFrames = []);
    const note = (time) => {
        times.push(time);
        window.benchNext = requestAnimationFrame(note);
    };
    window.benchNext = requestAnimationFrame(note);
}
"""
STOP = "() => (cancelAnimationFrame(window.benchNext), window.benchFrames)"


class Seen(NamedTuple):
    """Milliseconds from the request to the painted sheet, and between frames."""

    paint: float
    frames: list

    @property
    def median_frame(self):
        """The usual time between two frames of the drag."""
        return statistics.median(self.frames)

    @property
    def late(self):
        """The share of frames that were late."""
        return sum(frame > LATE for frame in self.frames) / len(self.frames)


def look(url, session_id, context, visits, repeats=5):
    """Open the sheet again and again, then drag a visit over it.

    :param dict context: ``clinic_date`` and ``clinic_location_id`` of the full day
    :param int visits: how many the sheet shows
    :returns: :class:`Seen`
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=OPTIONS
        )
        page = browser.new_page(viewport=SCREEN)
        page.context.add_cookies(
            [{"name": "session_id", "value": session_id, "url": url}]
        )
        page.goto(f"{url}/odoo/appointments")
        page.wait_for_selector(".o_action_manager .o_view_controller")
        opened = []
        for _number in range(repeats + 1):
            opened.append(page.evaluate(OPEN, {"context": context, "visits": visits}))
            page.evaluate(
                "() => odoo.__WOWL_DEBUG__.root.env.services.action.doAction("
                "'clinic_agenda.clinic_appointment_action', {clearBreadcrumbs: true})"
            )
            page.wait_for_selector(".o_view_controller")
        page.evaluate(OPEN, {"context": context, "visits": visits})
        frames = drag(page)
        browser.close()
    return Seen(statistics.median(opened[1:]), frames)


def drag(page, moves=240):
    """Take the first visit on the screen over the whole sheet; times between frames."""
    page.evaluate("() => document.querySelector('.o_clinic_scroll').scrollTo(0, 0)")
    visit = page.locator(".o_clinic_visit.o_clinic_movable").first.bounding_box()
    area = page.locator(".o_clinic_scroll").bounding_box()
    x, y = visit["x"] + visit["width"] / 2, visit["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10)
    page.wait_for_selector(".o_clinic_moving")
    page.wait_for_timeout(500)
    page.evaluate(RECORD)
    for number in range(moves):
        part = (number % 120) / 120
        page.mouse.move(
            area["x"] + area["width"] * (0.1 + 0.8 * part),
            area["y"] + area["height"] * (0.15 + 0.7 * abs(2 * part - 1)),
        )
    times = page.evaluate(STOP)
    assert page.locator(".o_clinic_moving").count(), "the drag ended on its way"
    page.keyboard.press("Escape")
    page.mouse.up()
    return [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
