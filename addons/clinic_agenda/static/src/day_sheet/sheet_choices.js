import {browser} from "@web/core/browser/browser";
import {user} from "@web/core/user";

const {DateTime} = luxon;

/** Pixels for a minute. */
export const ZOOMS = [1, 1.6, 2.4, 3.6];

const KEY = `clinic_day_sheet_${user.userId}`;

/**
 * What this user last looked at in this browser. The day counts only until midnight:
 * in the morning the sheet begins with today.
 *
 * @returns {{ locationId, date, groupBy, colorBy, zoom }} false for what is not known
 */
export function readChoices() {
    let saved = {};
    try {
        saved = JSON.parse(browser.localStorage.getItem(KEY)) || {};
    } catch {
        browser.localStorage.removeItem(KEY);
    }
    const isFresh = saved.savedOn === DateTime.now().toISODate();
    return {
        locationId: saved.locationId || false,
        date: (isFresh && saved.date) || false,
        groupBy: saved.groupBy || "practitioner",
        colorBy: saved.colorBy || "state",
        zoom: ZOOMS.includes(saved.zoom) ? saved.zoom : ZOOMS[1],
    };
}

export function keepChoices({locationId, date, groupBy, colorBy, zoom}) {
    const savedOn = DateTime.now().toISODate();
    browser.localStorage.setItem(
        KEY,
        JSON.stringify({locationId, date, savedOn, groupBy, colorBy, zoom})
    );
}
