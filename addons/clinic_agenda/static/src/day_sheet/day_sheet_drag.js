import {_t} from "@web/core/l10n/translation";
import {SNAP, attract, clamp, columnAt, isLegal, snap} from "./geometry";
import {MOVABLE} from "./states";
import {useVisitDrag} from "./visit_drag";

/**
 * Dragging on the sheet: a ghost that is moved with `transform` and nothing else, so
 * that no component is rendered and no layout computed while the pointer moves. Where
 * the visit may go is asked once, when the drag begins.
 */
export class DaySheetDrag {
    /**
     * @param {import("./day_sheet_model").DaySheetModel} model
     * @param {{ body: { el: HTMLElement }, pointer: object, drop: Function,
     *  onIdle: Function }} params
     */
    constructor(model, {body, pointer, drop, onIdle}) {
        this.model = model;
        this.body = body;
        this.pointer = pointer;
        this.drop = drop;
        this.onIdle = onIdle;
        this.current = null;
    }

    /** Bind to the component in whose setup this is called. */
    use(scroll, isEnabled) {
        useVisitDrag({
            ref: scroll,
            elements: ".o_clinic_draggable",
            enable: isEnabled,
            tolerance: 5,
            edgeScrolling: {speed: 14, threshold: 40},
            onDragStart: (params) => this.start(params),
            onDrag: (params) => this.follow(params),
            onDragEnd: () => this.end(),
            onDrop: () => this.finish(),
        });
    }

    get active() {
        return Boolean(this.current);
    }

    /** Whether a visit was picked up with the keyboard. */
    get isCarrying() {
        return Boolean(this.current?.carried);
    }

    start({element, mode, grab, carried = false}) {
        const model = this.model;
        this.end();
        const visit = model.visit(Number(element.dataset.id));
        const columnId = Number(element.closest("[data-column]").dataset.column);
        const index = model.day.columns.findIndex((column) => column.id === columnId);
        if (!visit || mode === "none") {
            return;
        }
        const length = visit.stop_minute - visit.start_minute;
        const current = {
            visit,
            mode,
            grab: grab / model.zoom,
            index,
            from: index,
            start: visit.start_minute,
            stop: visit.stop_minute,
            length,
            spans: null,
            carried,
            element,
        };
        this.current = current;
        this.pointer.hideHint();
        this.pointer.overlay?.catchPointer(true);
        this.paint();
        element.classList.add("o_clinic_moving");
        model
            .call("legal_spans", [
                visit.id,
                model.day.date,
                model.day.location.id,
                model.day.group_by,
            ])
            .then((spans) => {
                if (this.current === current) {
                    current.spans = spans;
                    this.shadeColumns();
                    this.paint();
                }
            });
    }

    /** Columns that cannot take the visit at all step back. */
    shadeColumns() {
        const {spans, mode} = this.current;
        if (mode !== "move") {
            return;
        }
        for (const el of this.body.el.querySelectorAll("[data-column]")) {
            const legal = spans.columns[el.dataset.column]?.length;
            el.classList.toggle("o_clinic_impossible", !legal);
        }
    }

    follow({x, y}) {
        const current = this.current;
        if (!current) {
            return;
        }
        const model = this.model;
        const rect = this.body.el.getBoundingClientRect();
        const minute = model.first + (y - rect.top) / model.zoom;
        if (current.mode === "resize") {
            const stop = clamp(
                snap(minute),
                current.start + SNAP,
                Math.min(current.start + 720, model.day.axis.minutes)
            );
            if (stop !== current.stop) {
                current.stop = stop;
                this.paint();
            }
            return;
        }
        const count = model.day.columns.length;
        const index = columnAt(x - rect.left, rect.width, count);
        const wanted = clamp(
            snap(minute - current.grab),
            model.first,
            model.last - current.length
        );
        const start = attract(wanted, this.spansOf(index));
        if (index !== current.index || start !== current.start) {
            current.index = index;
            current.start = start;
            current.stop = start + current.length;
            this.paint();
        }
    }

    /** Pick a visit up with the keyboard: arrows, then Enter. */
    carry(visitId, element) {
        const visit = this.model.visit(visitId);
        const isMovable = visit && MOVABLE.includes(visit.state);
        if (isMovable && element && this.model.day.can.change && !this.active) {
            this.start({element, mode: "move", grab: 0, carried: true});
        }
    }

    /** Let go of it where it is now. */
    async putDown() {
        const dropped = this.finish();
        this.end();
        await dropped;
    }

    /** Move the picked up visit with the arrow keys. */
    nudge(columns, steps) {
        const current = this.current;
        const {day, first, last} = this.model;
        current.index = clamp(current.index + columns, 0, day.columns.length - 1);
        current.start = clamp(
            current.start + steps * SNAP,
            first,
            last - current.length
        );
        current.stop = current.start + current.length;
        this.paint();
    }

    spansOf(index) {
        return this.current.spans?.columns[this.model.day.columns[index].id];
    }

    get isUnchanged() {
        const {visit, start, stop, index, from} = this.current;
        return (
            visit.start_minute === start && visit.stop_minute === stop && index === from
        );
    }

    /** @returns {boolean | null} null: not known yet */
    get isLegal() {
        const {mode, spans, stop, index, start, visit} = this.current;
        if (!spans || this.isUnchanged) {
            return spans && true;
        }
        if (mode === "resize") {
            return stop <= Math.max(spans.last_stop, visit.stop_minute);
        }
        return isLegal(start, this.spansOf(index));
    }

    paint() {
        const {start, stop, index} = this.current;
        const model = this.model;
        const legal = this.isLegal;
        this.pointer.overlay?.showGhost({
            index,
            y: model.y(start),
            height: (stop - start) * model.zoom,
            time: `${model.clock(start)}–${model.clock(stop)}`,
            text: legal === false ? _t("Not free") : model.day.columns[index].name,
            legal,
        });
    }

    async finish() {
        const current = this.current;
        if (!current || this.isUnchanged) {
            return;
        }
        current.dropping = true;
        this.pointer.overlay?.pendGhost();
        try {
            await this.drop({
                visit: current.visit,
                mode: current.mode,
                start: current.start,
                stop: current.stop,
                column: this.model.day.columns[current.index],
            });
        } finally {
            this.clean(current);
        }
    }

    end() {
        const current = this.current;
        if (!current) {
            return;
        }
        this.current = null;
        this.pointer.overlay?.catchPointer(false);
        if (!current.dropping) {
            this.clean(current);
        }
    }

    /** Nothing is left of a drag, unless the next one has begun already. */
    clean(current) {
        current.element.classList.remove("o_clinic_moving");
        if (this.active) {
            return;
        }
        this.pointer.overlay?.hideGhost();
        for (const el of this.body.el?.querySelectorAll(".o_clinic_impossible") || []) {
            el.classList.remove("o_clinic_impossible");
        }
        this.onIdle();
    }
}
