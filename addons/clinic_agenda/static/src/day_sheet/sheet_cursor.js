import {_t} from "@web/core/l10n/translation";
import {STEP, clamp} from "./geometry";

/**
 * The place on the sheet that the keyboard is at: a free time, or a visit.
 */
export class SheetCursor {
    /**
     * @param {import("./day_sheet_model").DaySheetModel} model
     * @param {{ scroll: { el: HTMLElement }, body: { el: HTMLElement } }} refs
     */
    constructor(model, {scroll, body}) {
        this.model = model;
        this.scroll = scroll;
        this.body = body;
        this.place = null;
        this.selected = false;
    }

    clear() {
        this.place = null;
        this.selected = false;
    }

    /** @param {{ index: number, minute: number }} place */
    put(place, visitId = false) {
        this.place = place;
        this.selected = visitId;
    }

    /** Where the arrow keys begin: now, else at the first hour. */
    get origin() {
        if (this.place) {
            return this.place;
        }
        const {nowMinute, first, showsNow} = this.model;
        const minute = showsNow ? Math.floor(nowMinute / STEP) * STEP : first;
        return {index: 0, minute: minute - STEP};
    }

    move(columns, steps) {
        const {day, first, last} = this.model;
        const {index, minute} = this.origin;
        const visit = this.model.visit(this.selected);
        let target = minute + steps * STEP;
        if (steps && visit) {
            target = steps > 0 ? visit.stop_minute : visit.start_minute - STEP;
            const above = this.model
                .visitsOf(day.columns[index].id)
                .filter((other) => other.stop_minute <= visit.start_minute)
                .at(-1);
            if (steps < 0 && above && above.stop_minute > target) {
                target = above.start_minute;
            }
        }
        this.land(
            clamp(index + columns, 0, day.columns.length - 1),
            clamp(target, first, last - STEP)
        );
    }

    /** Go to the visit at a place, or to the free time there. */
    land(index, minute) {
        const column = this.model.day.columns[index];
        const visit = this.model
            .visitsOf(column.id)
            .find(
                (other) => other.start_minute <= minute && minute < other.stop_minute
            );
        this.put({index, minute}, visit ? visit.id : false);
        this.reveal(index, visit ? visit.start_minute : minute);
    }

    /** Scroll a place into view. */
    reveal(index, minute) {
        const el = this.scroll.el;
        const body = this.body.el;
        const [width, left] = [
            body.offsetWidth / this.model.day.columns.length,
            body.offsetLeft,
        ];
        const header = body.offsetTop;
        const y = this.model.y(minute);
        if (y < el.scrollTop) {
            el.scrollTop = y - 20;
        } else if (y + 60 > el.scrollTop + el.clientHeight - header) {
            el.scrollTop = y + 60 - el.clientHeight + header;
        }
        const x = index * width;
        if (x < el.scrollLeft) {
            el.scrollLeft = x;
        } else if (x + width > el.scrollLeft + el.clientWidth - left) {
            el.scrollLeft = x + width - el.clientWidth + left;
        }
    }

    get column() {
        return this.place && this.model.day?.columns[this.place.index];
    }

    /** The element of the visit it is on, in the column it is in. */
    get element() {
        return this.body.el?.querySelector(`#${this.activeDescendant}`);
    }

    /** The id of what screen readers are told the cursor is on. */
    get activeDescendant() {
        const {column, selected} = this;
        if (!column) {
            return undefined;
        }
        return selected ? `clinic_visit_${column.id}_${selected}` : "clinic_cursor";
    }

    /** How the cursor is drawn over a free time. */
    get box() {
        const {model, place, selected, column} = this;
        if (!column || selected) {
            return false;
        }
        const width = 100 / model.day.columns.length;
        const time = model.clock(place.minute);
        const closure = model.closureAt(column.id, place.minute);
        const state = closure
            ? _t("closed: %s", closure.reason)
            : model.sessionAt(column.id, place.minute)
              ? _t("free")
              : _t("closed");
        return {
            time,
            label: [column.name, time, state].join(", "),
            style:
                `left:${place.index * width}%;width:${width}%;` +
                `top:${model.y(place.minute)}px;height:${STEP * model.zoom}px`,
        };
    }
}
