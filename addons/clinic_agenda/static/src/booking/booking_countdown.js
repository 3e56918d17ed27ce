import {Interaction} from "@web/public/interaction";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Seconds left at which the rest is also spoken. */
const SPOKEN = [300, 120, 60, 30];

/**
 * How long the held time is still kept. It counts from what the server said, with the
 * computer's monotonic clock, so a wrong clock does not matter.
 */
export class BookingCountdown extends Interaction {
    static selector = ".o_clinic_countdown[data-seconds]";

    setup() {
        this.words = this.el.querySelector("p");
        this.left = this.el.querySelector(".o_clinic_countdown_left");
        this.status = this.el.querySelector(".o_clinic_countdown_status");
        this.seconds = parseInt(this.el.dataset.seconds, 10) || 0;
        this.begin = performance.now();
        this.spoken = this.seconds;
    }

    start() {
        if (this.left && this.seconds) {
            const timer = setInterval(() => this.tick(timer), 500);
            this.registerCleanup(() => clearInterval(timer));
            this.tick(timer);
        }
    }

    tick(timer) {
        const passed = Math.floor((performance.now() - this.begin) / 1000);
        const left = Math.max(0, this.seconds - passed);
        const minutes = Math.floor(left / 60);
        this.left.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
        this.el.classList.toggle("ending", left <= 60);
        const mark = SPOKEN.find((each) => left <= each && this.spoken > each);
        if (mark) {
            this.status.textContent = _t(
                "This time is kept for %s more seconds.",
                left
            );
        }
        this.spoken = left;
        if (!left) {
            clearInterval(timer);
            const words = _t(
                "This time is no longer kept for you. If nobody took it, you can still " +
                    "book it."
            );
            this.words.textContent = words;
            this.status.textContent = words;
        }
    }
}

registry
    .category("public.interactions")
    .add("clinic_agenda.countdown", BookingCountdown);
