import {markRaw} from "@odoo/owl";
import {Mutex} from "@web/core/utils/concurrency";
import {unfoldVisits} from "./geometry";
import {keepChoices} from "./sheet_choices";
import {ShownDay} from "./shown_day";

const {DateTime} = luxon;

/**
 * The day sheet's requests: reads the day, keeps it fresh. Components read the public
 * fields.
 */
export class DaySheetModel extends ShownDay {
    constructor(orm) {
        super();
        this.call = (method, args, kwargs = {}) =>
            orm.call("clinic.day.sheet", method, args, kwargs);
        this.mutex = markRaw(new Mutex());
        this.requests = 0;
        this.pending = markRaw(Promise.resolve());
        this.locations = [];
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

    /**
     * Read the whole day. The latest request wins; when it fails, the choices are again
     * those of the day that is still shown.
     */
    async load(changes = {}) {
        Object.assign(this, changes);
        const request = (this.requests += 1);
        const reading = this.call("get_day", [
            this.date,
            this.locationId,
            this.groupBy,
        ]);
        this.pending = markRaw(reading.catch(() => {}));
        let day;
        try {
            day = await reading;
        } catch (error) {
            if (this.requests === request && this.day) {
                this.date = this.day.date;
                this.locationId = this.day.location.id;
                this.groupBy = this.day.group_by;
            }
            throw error;
        }
        if (this.requests === request) {
            this.show(day);
            keepChoices(this);
        }
    }

    show(day) {
        day.visits = unfoldVisits(day.visits, day.group_by);
        const byColumn = (list) => {
            const result = {};
            for (const {id} of day.columns) {
                result[id] = list.filter((item) => item.column === id);
            }
            return markRaw(result);
        };
        for (const column of day.columns) {
            column.key = `${day.group_by}-${column.id}`;
        }
        this.sessions = byColumn(day.sessions);
        this.closures = byColumn(day.closures);
        this.day = markRaw(day);
        this.midnight = markRaw(DateTime.fromSQL(day.axis.start, {zone: "utc"}));
        this.count();
        this.tick();
        this.arrange();
    }

    /** Whether a change that was announced may be seen here, now or in a moment. */
    concerns(locationId, visitIds, days) {
        const {day} = this;
        if (!day || ![day.location.id, this.locationId].includes(locationId)) {
            return false;
        }
        return (
            days.includes(day.date) ||
            days.includes(this.date) ||
            visitIds.some((id) => this.visit(id))
        );
    }

    /**
     * Read single visits again that somebody changed. A day that is being read may
     * have been read before the change: it is waited for.
     */
    refresh(visitIds) {
        return this.mutex.exec(async () => {
            let [day, table] = [];
            do {
                await this.pending;
                day = this.day;
                table = await this.call("get_visits", [
                    day.date,
                    day.location.id,
                    visitIds,
                ]);
            } while (this.day !== day);
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
        this.count();
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
        this.today = now.setZone(this.day.location.tz).toISODate();
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
}
