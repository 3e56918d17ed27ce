/** States that take nobody's time: another visit may stand at the same place. */
export const GONE = ["cancelled", "no_show"];

/** States that say the patient is or was here: true on the visit's day at the earliest. */
export const HERE = ["arrived", "in_room", "done", "closed"];

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
