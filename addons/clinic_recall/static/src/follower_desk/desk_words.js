import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;

/** When a line is due: the time of today, or for how long it has been late. */
export function when(item) {
    const moment = deserializeDateTime(item.due);
    return item.overdue
        ? moment.toRelative({unit: ["days", "hours"]})
        : moment.toLocaleString(DateTime.TIME_SIMPLE);
}

/** The day of a moment that the server sent, or nothing. */
export function day(text) {
    return text ? deserializeDateTime(text).toLocaleString(DateTime.DATE_MED) : "";
}

/** A date that the server sent, in words. */
export function date(text) {
    return text ? DateTime.fromISO(text).toLocaleString(DateTime.DATE_MED) : _t("none");
}

/** What a step of the plan says to who points at it. */
export function dotTitle(dot) {
    return [day(dot.due), dot.name, dot.result, dot.note].filter(Boolean).join(" · ");
}

/**
 * When a patient may be called again: all of them in the future, each once.
 *
 * @param {DateTime} now
 * @returns {{ name: string, moment: DateTime }[]}
 */
export function nextTries(now) {
    const at = (hour) => now.set({hour, minute: 0, second: 0, millisecond: 0});
    const soon = now.plus({minutes: 30});
    const evening = at(18);
    const morning = at(10).plus({days: 1});
    return [
        {name: _t("In 30 minutes"), moment: soon},
        {name: _t("In two hours"), moment: now.plus({hours: 2})},
        ...(evening > soon ? [{name: _t("This evening, 18:00"), moment: evening}] : []),
        {name: _t("Tomorrow, 10:00"), moment: morning},
        {name: _t("In three days"), moment: morning.plus({days: 2})},
    ];
}
