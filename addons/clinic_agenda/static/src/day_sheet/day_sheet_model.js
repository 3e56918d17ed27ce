import {markRaw} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {user} from "@web/core/user";
import {Mutex} from "@web/core/utils/concurrency";
import {clock, hourMarks, sideBySide, unfoldVisits} from "./geometry";

const {DateTime} = luxon;

/** Pixels for a minute. */
export const ZOOMS = [1, 1.6, 2.4, 3.6];

/** States that take nobody's time: another visit may stand at the same place. */
const GONE = ["cancelled", "no_show"];

export const MOVABLE = ["booked", "rescheduled", "confirmed"];
export const RUNNING = [...MOVABLE, "arrived", "in_room"];

export const STATE_ICONS = {
    held: "fa-hourglass-half",
    booked: "fa-circle-o",
    rescheduled: "fa-random",
    confirmed: "fa-check-circle-o",
    arrived: "fa-bell",
    in_room: "fa-stethoscope",
    done: "fa-check",
    closed: "fa-lock",
    no_show: "fa-user-times",
    cancelled: "fa-ban",
};

/**
 * What the day sheet shows, and the requests behind it. Components read the public
 * fields; data from the server is raw, so that nothing of it is watched field by field.
 */
export class DaySheetModel {
    constructor(orm) {
        this.call = (method, args, kwargs = {}) =>
            orm.call("clinic.day.sheet", method, args, kwargs);
        this.mutex = markRaw(new Mutex());
        this.requests = 0;
        this.sessions = markRaw({});
        this.midnight = null;
        this.storageKey = `clinic_day_sheet_${user.userId}`;
        const saved = this.readStorage();
        this.locations = [];
        this.locationId = saved.locationId || false;
        this.date =
            saved.savedOn === DateTime.now().toISODate() && saved.date
                ? saved.date
                : false;
        this.groupBy = saved.groupBy || "practitioner";
        this.colorBy = saved.colorBy || "state";
        this.zoom = ZOOMS.includes(saved.zoom) ? saved.zoom : ZOOMS[1];
        this.wholeDay = false;
        this.hidden = new Set(["cancelled"]);
        this.day = null;
        this.items = markRaw({});
        this.nowMinute = false;
    }

    readStorage() {
        try {
            return JSON.parse(browser.localStorage.getItem(this.storageKey)) || {};
        } catch {
            return {};
        }
    }

    remember() {
        const {locationId, date, groupBy, colorBy, zoom} = this;
        const savedOn = DateTime.now().toISODate();
        browser.localStorage.setItem(
            this.storageKey,
            JSON.stringify({locationId, date, savedOn, groupBy, colorBy, zoom})
        );
    }

    // ------------------------------------------------------------------
    // Loading
    // ------------------------------------------------------------------

    async start(params = {}) {
        this.locations = markRaw(await this.call("get_locations", []));
        const known = (id) => this.locations.find((location) => location.id === id);
        const location =
            known(params.locationId) || known(this.locationId) || this.locations[0];
        if (!location) {
            return;
        }
        this.locationId = location.id;
        this.date = params.date || this.date || location.today;
        await this.load();
    }

    get location() {
        return this.locations.find((location) => location.id === this.locationId);
    }

    /** Read the whole day; the latest request wins. */
    async load(changes = {}) {
        Object.assign(this, changes);
        this.remember();
        const request = (this.requests += 1);
        const day = await this.call("get_day", [
            this.date,
            this.locationId,
            this.groupBy,
        ]);
        if (this.requests !== request) {
            return;
        }
        day.visits = unfoldVisits(day.visits, day.group_by);
        const sessions = {};
        for (const column of day.columns) {
            column.key = `${day.group_by}-${column.id}`;
            sessions[column.id] = day.sessions.filter(
                (session) => session.column === column.id
            );
        }
        this.sessions = markRaw(sessions);
        this.day = markRaw(day);
        this.midnight = markRaw(DateTime.fromSQL(day.axis.start, {zone: "utc"}));
        this.tick();
        this.arrange();
    }

    /** Read single visits again that somebody changed. */
    refresh(visitIds) {
        return this.mutex.exec(async () => {
            const day = this.day;
            const table = await this.call("get_visits", [
                day.date,
                day.location.id,
                visitIds,
            ]);
            if (this.day !== day) {
                return;
            }
            const rows = unfoldVisits(table, day.group_by);
            const known = new Set(day.columns.map((column) => column.id));
            if (rows.some((row) => row.columns.some((id) => !known.has(id)))) {
                await this.load();
                return;
            }
            this.replace(visitIds, rows);
        });
    }

    /** Put the given rows in the place of the visits with these ids. */
    replace(visitIds, rows) {
        const day = this.day;
        const gone = new Set(visitIds);
        const touched = new Set();
        for (const visit of day.visits) {
            if (gone.has(visit.id)) {
                visit.columns.forEach((id) => touched.add(id));
            }
        }
        rows.forEach((row) => row.columns.forEach((id) => touched.add(id)));
        day.visits = day.visits.filter((visit) => !gone.has(visit.id));
        day.visits.push(...rows);
        day.visits.sort((a, b) => a.start_minute - b.start_minute || a.id - b.id);
        day.counts = {};
        for (const visit of day.visits) {
            day.counts[visit.state] = (day.counts[visit.state] || 0) + 1;
        }
        this.widen(rows);
        this.arrange(touched);
    }

    widen(rows) {
        const axis = this.day.axis;
        for (const row of rows) {
            const first = Math.floor(row.start_minute / 60) * 60;
            const last = Math.ceil(row.stop_minute / 60) * 60;
            if (first < axis.first || last > axis.last) {
                axis.first = Math.max(Math.min(axis.first, first), 0);
                axis.last = Math.min(Math.max(axis.last, last), axis.minutes);
            }
        }
    }

    /** Where the clock at the location stands now; holds that ran out leave. */
    tick() {
        const now = DateTime.utc();
        const minute = now.diff(this.midnight, "minutes").minutes;
        this.nowMinute = minute >= 0 && minute < this.day.axis.minutes ? minute : false;
        const expired = this.day.visits.filter(
            (visit) =>
                visit.state === "held" &&
                DateTime.fromSQL(visit.hold_expires_at, {zone: "utc"}) <= now
        );
        if (expired.length) {
            this.replace(
                expired.map((visit) => visit.id),
                []
            );
        }
    }

    // ------------------------------------------------------------------
    // What is shown
    // ------------------------------------------------------------------

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

    column(id) {
        return this.day.columns.find((column) => column.id === id);
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

    stateLabel(state) {
        return this.day.states.find(([code]) => code === state)?.[1] || state;
    }

    /** Whether something on the sheet takes time, for free gaps. */
    takesTime(visit) {
        return !GONE.includes(visit.state);
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
            this.remember();
        }
    }

    set(values) {
        Object.assign(this, values);
        this.remember();
    }
}
