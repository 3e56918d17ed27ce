import {deserializeDateTime} from "@web/core/l10n/dates";

const CHANNELS = {
    email: "fa-envelope-o",
    sms: "fa-commenting-o",
    whatsapp: "fa-whatsapp",
    push: "fa-bell-o",
    voice: "fa-phone",
    letter: "fa-file-text-o",
};

const STATES = {
    queued: "fa-clock-o",
    claimed: "fa-clock-o",
    accepted: "fa-check",
    sent: "fa-check",
    delivered: "fa-check-circle-o",
    read: "fa-check-circle text-info",
    replied: "fa-check-circle text-info",
    unknown: "fa-question-circle text-warning",
};

/** The icon of a channel. */
export function icon(channel) {
    return CHANNELS[channel];
}

/** How far a message of ours came; what is no known good state is a warning. */
export function ticks(line) {
    return STATES[line.state] || "fa-exclamation-triangle text-danger";
}

/** The time of a moment of today, else its day too. */
export function when(moment) {
    const local = deserializeDateTime(moment);
    return local.hasSame(luxon.DateTime.now(), "day")
        ? local.toFormat("HH:mm")
        : local.toFormat("d LLL HH:mm");
}
