import {Interaction} from "@web/public/interaction";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

/** How often the times on show are compared with the agenda, in milliseconds. */
const EVERY = 45000;

/**
 * The free times of a day stay true while somebody thinks: what others take meanwhile
 * is struck through. Booking itself never depends on it.
 */
export class BookingTimes extends Interaction {
    static selector = ".o_clinic_times[data-service]";
    dynamicContent = {
        _document: {"t-on-visibilitychange": () => this.refresh()},
        "button[name=slot]": {"t-on-click": this.onClick},
    };

    setup() {
        this.status = this.el.querySelector(".o_clinic_times_status");
        this.buttons = [...this.el.querySelectorAll("button[name=slot]")];
    }

    start() {
        const timer = setInterval(() => this.refresh(), EVERY);
        this.registerCleanup(() => clearInterval(timer));
        // The chosen day stands in the middle of the strip on a narrow screen.
        const chosen = document.querySelector(".o_clinic_day.chosen");
        const strip = chosen?.closest("ol");
        if (strip) {
            strip.scrollLeft = chosen.offsetLeft - strip.clientWidth / 2;
        }
    }

    key(value) {
        const [start, practitioner, location] = value.split("/");
        return `${start}/${practitioner}/${location}`;
    }

    async refresh() {
        if (document.hidden || !this.buttons.length) {
            return;
        }
        const shown = this.buttons.map((button) => button.value.split("/"));
        const starts = shown.map((parts) => parts[0]).sort();
        const numbers = (index) => [
            ...new Set(shown.map((parts) => parseInt(parts[index], 10))),
        ];
        const last = new Date(starts.at(-1));
        let answer = null;
        try {
            answer = await this.waitFor(
                rpc(
                    "/clinic/book/slots",
                    {
                        service_id: parseInt(this.el.dataset.service, 10),
                        date_from: starts[0],
                        date_to: new Date(last.getTime() + 1000)
                            .toISOString()
                            .replace(/\.\d+Z$/, "Z"),
                        practitioner_ids: numbers(1),
                        location_ids: numbers(2),
                        limit: 10000,
                    },
                    {silent: true}
                )
            );
        } catch {
            // Without an answer the page stays as it is; the next try comes soon.
            return;
        }
        if (answer.more) {
            // What was left out is not taken.
            return;
        }
        const free = new Set();
        for (const {practitioner_id, location_id, days} of answer.groups) {
            for (const [start] of days.flatMap((day) => day.times)) {
                free.add(`${start}/${practitioner_id}/${location_id}`);
            }
        }
        this.mark(free);
    }

    mark(free) {
        let gone = 0;
        for (const button of this.buttons) {
            const taken = !free.has(this.key(button.value));
            if (taken && !button.classList.contains("o_clinic_gone")) {
                gone++;
            }
            button.classList.toggle("o_clinic_gone", taken);
            button.setAttribute("aria-disabled", String(taken));
        }
        if (gone) {
            this.status.textContent = _t(
                "%s times on this page were just taken.",
                gone
            );
        }
    }

    onClick(ev) {
        if (ev.currentTarget.getAttribute("aria-disabled") === "true") {
            ev.preventDefault();
            this.status.textContent = _t(
                "This time was just taken. Choose another one."
            );
        }
    }
}

registry.category("public.interactions").add("clinic_agenda.times", BookingTimes);
