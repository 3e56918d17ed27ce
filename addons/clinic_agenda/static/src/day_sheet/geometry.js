/**
 * The geometry of the day sheet: no component, no request, no date library.
 *
 * A position on the time axis is the number of minutes that have passed since the day
 * began at the location. `wall` says what the clocks show, as the server gives it:
 * pairs of [minute, wall minute]. There is more than one pair only on a day on which
 * the clocks change.
 */

/** Minutes to which a dragged visit snaps. */
export const SNAP = 5;

/** Minutes by which the arrow keys move over free time. */
export const STEP = 15;

/**
 * @param {number} minute
 * @param {number} step
 * @returns {number} the nearest multiple of step
 */
export function snap(minute, step = SNAP) {
    return Math.round(minute / step) * step;
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {number}
 */
export function clamp(value, low, high) {
    return Math.min(Math.max(value, low), Math.max(low, high));
}

/**
 * What the clocks of the location show at a position.
 *
 * @param {number} minute
 * @param {[number, number][]} wall
 * @returns {number} minute of the day, 0 to 1439
 */
export function wallMinute(minute, wall) {
    let current = wall[0];
    for (const pair of wall) {
        if (pair[0] <= minute) {
            current = pair;
        }
    }
    const shown = current[1] + minute - current[0];
    return ((shown % 1440) + 1440) % 1440;
}

/**
 * The first position at which the clocks show an hour. An hour that the clocks skip
 * is moved on to where they go on.
 *
 * @param {number} shown minute of the day
 * @param {[number, number][]} wall
 * @returns {number}
 */
export function minuteOfWall(shown, wall) {
    for (const [index, [from, clock]] of wall.entries()) {
        const next = wall[index + 1];
        const minute = from + Math.max(shown - clock, 0);
        if (!next || minute < next[0]) {
            return minute;
        }
    }
    return shown;
}

/**
 * @param {number} minute
 * @param {[number, number][]} wall
 * @returns {string} "09:05"
 */
export function clock(minute, wall) {
    const shown = wallMinute(minute, wall);
    const pad = (number) => String(number).padStart(2, "0");
    return `${pad(Math.floor(shown / 60))}:${pad(shown % 60)}`;
}

/**
 * What somebody typed as an hour: "9", "930", "9:30", "9.30", "21:30".
 *
 * @param {string} text
 * @returns {number | null} minute of the day, null when it is no hour
 */
export function parseClock(text) {
    const match = /^\s*(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?\s*$/.exec(text);
    if (!match) {
        return null;
    }
    const [hours, minutes] = [Number(match[1]), Number(match[2] || 0)];
    return hours < 24 && minutes < 60 ? hours * 60 + minutes : null;
}

/**
 * The hours to write beside the axis. On the night that repeats an hour it is written
 * twice; an hour that is skipped is missing.
 *
 * @param {number} first
 * @param {number} last
 * @param {[number, number][]} wall
 * @returns {{ minute: number, label: string }[]}
 */
export function hourMarks(first, last, wall) {
    const marks = [];
    for (let minute = first; minute < last; minute += 60) {
        marks.push({minute, label: clock(minute, wall)});
    }
    return marks;
}

/**
 * Lanes for visits that overlap: they stand side by side, each as wide as the widest
 * crowd it takes part in allows. Visits that meet nobody have the column for
 * themselves.
 *
 * @param {{ id: number, start_minute: number, stop_minute: number }[]} visits
 * @returns {Map<number, { lane: number, lanes: number }>}
 */
export function sideBySide(visits) {
    const result = new Map();
    const sorted = [...visits].sort(
        (a, b) =>
            a.start_minute - b.start_minute ||
            b.stop_minute - a.stop_minute ||
            a.id - b.id
    );
    let crowd = [];
    let ends = [];
    let crowdEnd = -Infinity;
    const close = () => {
        for (const id of crowd) {
            result.get(id).lanes = ends.length;
        }
        crowd = [];
        ends = [];
    };
    for (const visit of sorted) {
        if (visit.start_minute >= crowdEnd) {
            close();
            crowdEnd = -Infinity;
        }
        let lane = ends.findIndex((end) => end <= visit.start_minute);
        if (lane < 0) {
            lane = ends.length;
        }
        ends[lane] = visit.stop_minute;
        crowd.push(visit.id);
        crowdEnd = Math.max(crowdEnd, visit.stop_minute);
        result.set(visit.id, {lane, lanes: 1});
    }
    close();
    return result;
}

/**
 * @param {number} start
 * @param {[number, number][] | undefined} spans closed ranges of possible starts
 * @returns {boolean}
 */
export function isLegal(start, spans) {
    return Boolean(spans?.some(([first, last]) => first <= start && start <= last));
}

/**
 * The nearest possible start, if one is close: a dragged visit slips into its place.
 *
 * @param {number} start
 * @param {[number, number][] | undefined} spans
 * @param {number} reach
 * @returns {number} start itself when nothing is close
 */
export function attract(start, spans, reach = SNAP) {
    let best = start;
    let distance = reach + 1;
    for (const [first, last] of spans || []) {
        const nearest = clamp(start, first, last);
        if (Math.abs(nearest - start) < distance) {
            distance = Math.abs(nearest - start);
            best = nearest;
        }
    }
    return best;
}

/**
 * @param {number} x pixels from the left edge of the first column
 * @param {number} width of all columns together
 * @param {number} count of columns
 * @returns {number} index of the column under x
 */
export function columnAt(x, width, count) {
    return clamp(Math.floor((x / width) * count), 0, count - 1);
}

/**
 * The time that is free around a position: between the visits before and after it.
 *
 * @param {number} minute
 * @param {{ start_minute: number, stop_minute: number }[]} visits that take time
 * @param {number} first
 * @param {number} last
 * @returns {[number, number]}
 */
export function freeAround(minute, visits, first, last) {
    let [low, high] = [first, last];
    for (const visit of visits) {
        if (visit.stop_minute <= minute) {
            low = Math.max(low, visit.stop_minute);
        } else if (visit.start_minute > minute) {
            high = Math.min(high, visit.start_minute);
        }
    }
    return [low, high];
}

/**
 * @param {string | false} birthDate ISO
 * @param {string} day ISO
 * @returns {number | false} full years on that day
 */
export function ageOn(birthDate, day) {
    if (!birthDate) {
        return false;
    }
    const [bornYear, bornRest] = [birthDate.slice(0, 4), birthDate.slice(5)];
    const [year, rest] = [day.slice(0, 4), day.slice(5)];
    return Number(year) - Number(bornYear) - (rest < bornRest ? 1 : 0);
}

/**
 * Visits from the table that the server sends.
 *
 * @param {{ origin: number, fields: string[], rows: any[][], names: Record<string, object> }}
 *  table
 * @param {"practitioner" | "room" | "equipment"} groupBy
 * @returns {object[]} with the names of what they refer to, the columns they stand in
 *  and the marker by which the server knows whether somebody changed them
 */
export function unfoldVisits({origin, fields, rows, names}, groupBy) {
    return rows.map((row) => {
        const visit = {};
        for (let index = 0; index < fields.length; index++) {
            visit[fields[index]] = row[index];
        }
        visit.practitioner = names.practitioner_id[visit.practitioner_id];
        visit.room = names.room_id[visit.room_id];
        visit.service = names.service_id[visit.service_id];
        visit.coverage = names.coverage_id[visit.coverage_id];
        visit.columns =
            groupBy === "equipment"
                ? visit.equipment_ids
                : [visit[`${groupBy}_id`] || 0];
        visit.marker = [
            origin + visit.start_minute,
            origin + visit.stop_minute,
            visit.practitioner_id,
            visit.room_id || 0,
            visit.state,
        ].join("|");
        return visit;
    });
}
