import {STEP, clamp, columnAt, freeAround} from "./geometry";
import {SheetOverlay} from "./sheet_overlay";

/**
 * Where the pointer is on the sheet, and the overlay that follows it.
 */
export class SheetPointer {
    /**
     * @param {import("./day_sheet_model").DaySheetModel} model
     * @param {{ body: { el: HTMLElement }, overlay: { el: HTMLElement } }} refs
     */
    constructor(model, {body, overlay}) {
        this.model = model;
        this.body = body;
        this.overlayRef = overlay;
    }

    /** The overlay of the sheet that is in the page now, if one is. */
    get overlay() {
        const host = this.overlayRef.el;
        if (host && this.drawnOn !== host) {
            this.drawnOn = host;
            this.drawn = new SheetOverlay(host);
        }
        return host ? this.drawn : undefined;
    }

    /** The column under the pointer, and the free time there on a quarter hour. */
    at(ev) {
        const {day, first, last, zoom} = this.model;
        const rect = this.body.el.getBoundingClientRect();
        const index = columnAt(ev.clientX - rect.left, rect.width, day.columns.length);
        const column = day.columns[index];
        const minute = first + Math.floor((ev.clientY - rect.top) / zoom);
        const taking = this.model
            .visitsOf(column.id)
            .filter((visit) => this.model.takesTime(visit));
        const [low, high] = freeAround(minute, taking, first, last);
        return {
            index,
            column,
            minute: clamp(Math.floor(minute / STEP) * STEP, low, high),
        };
    }

    /** Show the time that a click would book. */
    hint(ev, isPossible) {
        const isFree =
            isPossible &&
            ev.target.closest(".o_clinic_column") &&
            !ev.target.closest(".o_clinic_visit, [data-closure]");
        if (!isFree) {
            this.hideHint();
            return;
        }
        const {index, minute} = this.at(ev);
        this.overlay?.showHint({
            index,
            y: this.model.y(minute),
            time: this.model.clock(minute),
        });
    }

    hideHint() {
        this.overlay?.hideHint();
    }
}
