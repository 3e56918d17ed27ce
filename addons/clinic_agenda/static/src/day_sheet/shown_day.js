import {markRaw} from "@odoo/owl";
import {clock, hourMarks, sideBySide} from "./geometry";
import {ZOOMS, keepChoices, readChoices} from "./sheet_choices";
import {GONE, HERE} from "./states";

const {DateTime} = luxon;

/**
 * The day that is on the sheet: where what stands, how it is displayed. Data from the
 * server is raw, so that nothing of it is watched field by field.
 */
export class ShownDay {
    constructor() {
        Object.assign(this, readChoices());
        this.wholeDay = false;
        this.hidden = new Set(["cancelled"]);
        this.day = null;
        this.sessions = markRaw({});
        this.closures = markRaw({});
        this.counts = {};
        this.items = markRaw({});
        this.midnight = null;
        this.nowMinute = false;
        this.today = false;
    }

    get first() {
        return this.wholeDay ? 0 : this.day.axis.first;
    }

    get last() {
        return this.wholeDay ? this.day.axis.minutes : this.day.axis.last;
    }

    get showsNow() {
        const minute = this.nowMinute;
        return minute !== false && this.first <= minute && minute <= this.last;
    }

    get height() {
        return (this.last - this.first) * this.zoom;
    }

    get marks() {
        return hourMarks(this.first, this.last, this.day.axis.wall);
    }

    /** Whether a visit can be in a state by now; the server says the same. */
    isTimely(visit, state) {
        const minute = DateTime.utc().diff(this.midnight, "minutes").minutes;
        if (state === "no_show") {
            return minute >= visit.start_minute;
        }
        const [old, next] = [visit.state, state].map((each) => HERE.indexOf(each));
        const reached = minute >= 0 || visit.start_minute < 0;
        return next < 0 || next < old || reached;
    }

    y(minute) {
        return (minute - this.first) * this.zoom;
    }

    clock(minute) {
        return clock(minute, this.day.axis.wall);
    }

    /** UTC text of a position, as the server takes it. */
    utc(minute) {
        return this.midnight.plus({minutes: minute}).toFormat("yyyy-MM-dd HH:mm:ss");
    }

    visit(id) {
        return this.day?.visits.find((visit) => visit.id === id);
    }

    visitsOf(columnId) {
        return this.items[columnId]?.map((item) => item.visit) || [];
    }

    sessionAt(columnId, minute) {
        const here = this.day.sessions.filter(
            (session) =>
                session.column === columnId &&
                session.start_minute <= minute &&
                minute < session.stop_minute
        );
        return here.find((session) => session.kind === "session") || here[0];
    }

    closureAt(columnId, minute) {
        return this.closures[columnId]?.find(
            (closure) => closure.start_minute <= minute && minute < closure.stop_minute
        );
    }

    /** Whether somebody could be booked at a place: open, and nobody there yet. */
    isFree(columnId, minute, length) {
        return Boolean(
            this.sessionAt(columnId, minute) &&
                !this.closureAt(columnId, minute) &&
                this.visitsOf(columnId).every(
                    (visit) =>
                        visit.stop_minute <= minute ||
                        visit.start_minute >= minute + length ||
                        !this.takesTime(visit)
                )
        );
    }

    stateLabel(state) {
        return this.day.states.find(([code]) => code === state)?.[1] || state;
    }

    /** Whether something on the sheet takes time, for free gaps. */
    takesTime(visit) {
        return !GONE.includes(visit.state);
    }

    /** How many visits are in each state. */
    count() {
        const counts = {};
        for (const {state} of this.day.visits) {
            counts[state] = (counts[state] || 0) + 1;
        }
        this.counts = counts;
    }

    /**
     * Place the visits in their columns.
     *
     * @param {Set<number>} [only] columns that changed; the others keep their list,
     *  and so are not rendered again
     */
    arrange(only) {
        const byColumn = new Map(this.day.columns.map((column) => [column.id, []]));
        for (const visit of this.day.visits) {
            if (this.hidden.has(visit.state)) {
                continue;
            }
            for (const id of visit.columns) {
                byColumn.get(id)?.push(visit);
            }
        }
        const items = {};
        for (const [id, visits] of byColumn) {
            items[id] =
                only && !only.has(id) && this.items[id]
                    ? this.items[id]
                    : this.place(visits);
        }
        this.items = markRaw(items);
    }

    place(visits) {
        const lanes = sideBySide(visits);
        return visits.map((visit) => {
            const {lane, lanes: count} = lanes.get(visit.id);
            return {visit, lane, lanes: count};
        });
    }

    toggleState(state) {
        if (this.hidden.has(state)) {
            this.hidden.delete(state);
        } else {
            this.hidden.add(state);
        }
        this.arrange();
    }

    setZoom(delta) {
        const index = ZOOMS.indexOf(this.zoom) + delta;
        if (ZOOMS[index]) {
            this.zoom = ZOOMS[index];
            keepChoices(this);
        }
    }

    set(values) {
        Object.assign(this, values);
        keepChoices(this);
    }
}
