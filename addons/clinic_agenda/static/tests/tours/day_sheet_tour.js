import {registry} from "@web/core/registry";
import {waitUntil} from "@odoo/hoot-dom";

/** Pointer events as a person makes them: press, move in steps, let go. */
async function dragTo(from, {x, y}) {
    const rect = from.getBoundingClientRect();
    const start = {x: rect.x + rect.width / 2, y: rect.y + 5};
    const fire = (type, point, target) =>
        target.dispatchEvent(
            new PointerEvent(type, {
                bubbles: true,
                cancelable: true,
                pointerType: "mouse",
                clientX: point.x,
                clientY: point.y,
            })
        );
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    fire("pointerdown", start, from);
    for (let step = 1; step <= 10; step++) {
        const point = {
            x: start.x + ((x - start.x) * step) / 10,
            y: start.y + ((y - start.y) * step) / 10,
        };
        fire("pointermove", point, document.body);
        await frame();
    }
    const overlay = document.querySelector(".o_clinic_overlay").shadowRoot;
    await waitUntil(() => overlay.querySelector(".ghost.legal"));
    fire("pointerup", {x, y}, document.body);
}

/** The place of an hour in a column, in pixels of the window. */
function placeOf(column, minute) {
    const body = document.querySelector(".o_clinic_body");
    const first = Number(body.dataset.first);
    const scale = Number(body.dataset.zoom);
    const rect = document
        .querySelectorAll(".o_clinic_column")
        [column].getBoundingClientRect();
    return {x: rect.x + rect.width / 2, y: rect.y + (minute - first) * scale + 4};
}

function clickAt({x, y}) {
    const target = document.elementFromPoint(x, y);
    target.dispatchEvent(
        new MouseEvent("click", {bubbles: true, clientX: x, clientY: y})
    );
}

const visitIn = (column, text) =>
    `.o_clinic_column:eq(${column}) .o_clinic_visit:contains("${text}")`;

registry.category("web_tour.tours").add("clinic_day_sheet_tour", {
    steps: () => [
        {
            content: "Nobody works today: go on to the next working day",
            trigger: "button[name=next_day]",
            run: "click",
        },
        {
            content: "The sheet shows both practitioners",
            trigger: ".o_clinic_column_header:contains('Bruno Conti')",
        },
        {
            content: "Click on a free time of the first one",
            trigger: ".o_clinic_column",
            run: () => clickAt(placeOf(0, 10 * 60)),
        },
        {
            content: "Look for the patient",
            trigger: ".o_clinic_booking .o_clinic_patient_search input",
            run: "edit Neri Ugo",
        },
        {
            content: "Nobody of that name: open a card",
            trigger: ".o_clinic_new_patient",
            run: "click",
        },
        {
            content: "The words typed are in the card",
            trigger: "input[name=family_name]:value(Neri)",
        },
        {
            trigger: "input[name=birth_date]",
            run() {
                this.anchor.value = "1990-01-02";
                this.anchor.dispatchEvent(new InputEvent("input", {bubbles: true}));
            },
        },
        {
            content: "The price comes from the server",
            trigger: ".o_clinic_price:contains(100)",
        },
        {
            trigger: ".o_clinic_booking button[name=book]:enabled",
            run: "click",
        },
        {
            content: "The visit is on the sheet; drag it to the other practitioner",
            trigger: visitIn(0, "Neri Ugo"),
            async run() {
                await dragTo(this.anchor, placeOf(1, 11 * 60));
            },
        },
        {
            trigger: visitIn(1, "Neri Ugo"),
        },
        {
            content: "Take it back",
            trigger: ".o_notification button:contains(Undo)",
            run: "click",
        },
        {
            content: "It is where it was; open it",
            trigger: visitIn(0, "Neri Ugo"),
            run: "click",
        },
        {
            content: "Nobody arrives before the day; the patient says yes",
            trigger:
                ".o_clinic_popover:not(:has(button[name=arrived])) button[name=confirmed]",
            run: "click",
        },
        {
            trigger: ".o_clinic_column:eq(0) .o_clinic_visit.o_s_confirmed",
        },
        {
            content: "The legend counts it",
            trigger: ".o_clinic_chip[name=confirmed] b:contains(1)",
        },
    ],
});
