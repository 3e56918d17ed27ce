import {_t} from "@web/core/l10n/translation";
import {clock, unfoldVisits} from "./geometry";
import {ReasonDialog} from "./reason_dialog";
import {refusal} from "./refusal";

/** How long a change can be taken back from its notification. */
const UNDO_DELAY = 10000;

/**
 * Changes of visits: asks the server, shows the result or why not, offers to take it
 * back. The sheet may show another day by the time the answer comes.
 */
export class SheetChanges {
    /**
     * @param {import("./day_sheet_model").DaySheetModel} model
     * @param {{ cursor: import("./sheet_cursor").SheetCursor, dialog: object,
     *  notification: object }} services
     */
    constructor(model, {cursor, dialog, notification}) {
        this.model = model;
        this.cursor = cursor;
        this.dialog = dialog;
        this.notification = notification;
        this.last = null;
        this.closeNotification = () => {};
    }

    /**
     * Do a change, show its result, offer to take it back.
     *
     * @param {() => Promise} request
     * @param {(visit: object, time: Function) => string} told
     * @returns {Promise<string | undefined>} why it was refused
     */
    async change(request, told) {
        const {day} = this.model;
        let result;
        try {
            result = await request();
        } catch (error) {
            const reason = refusal(error);
            if (!reason) {
                throw error;
            }
            return reason;
        }
        this.show(result, told, day);
    }

    /** Show what a change gave back. */
    show(result, told, day = this.model.day) {
        const [visit] = unfoldVisits(result.visits, day.group_by);
        if (this.model.day === day) {
            this.place(visit, result.date);
        } else {
            this.model.refresh([visit.id]);
        }
        const change = result.undo && {
            visitId: visit.id,
            undo: result.undo,
            marker: visit.marker,
        };
        this.last = change;
        this.closeNotification();
        this.closeNotification = this.notification.add(
            told(visit, (minute) => clock(minute, day.axis.wall)),
            {
                type: "success",
                autocloseDelay: change ? UNDO_DELAY : 4000,
                buttons: change
                    ? [
                          {
                              name: _t("Undo"),
                              primary: true,
                              onClick: () => this.undo(change),
                          },
                      ]
                    : [],
            }
        );
    }

    place(visit, date) {
        const {model} = this;
        const here = date === model.day.date;
        model.replace([visit.id], here ? [visit] : []);
        const index = model.day.columns.findIndex(({id}) => visit.columns.includes(id));
        if (here && index >= 0) {
            const shown = !model.hidden.has(visit.state) && visit.id;
            this.cursor.put({index, minute: visit.start_minute}, shown);
        } else {
            this.cursor.clear();
        }
        if (here && index < 0) {
            model.load();
        }
    }

    refused(reason, visitId) {
        this.notification.add(reason, {type: "danger", autocloseDelay: 8000});
        this.model.refresh([visitId]);
    }

    /** A visit was dropped at another time, in another column, or with another end. */
    async drop({visit, mode, start, stop, column}) {
        const {model} = this;
        const {marker} = visit;
        const {group_by: groupBy} = model.day;
        const [method, args, kwargs] =
            mode === "resize"
                ? ["resize", [visit.id, model.utc(stop)], {marker}]
                : [
                      "move",
                      [visit.id, model.utc(start), column.id],
                      {marker, group_by: groupBy},
                  ];
        const request = (extra) =>
            this.change(
                () => model.call(method, args, {...kwargs, ...extra}),
                (row, time) =>
                    _t("%(patient)s: %(start)s–%(stop)s, %(practitioner)s", {
                        patient: row.patient || _t("Held on the website"),
                        start: time(row.start_minute),
                        stop: time(row.stop_minute),
                        practitioner: row.practitioner,
                    })
            );
        const reason = await request({});
        if (reason) {
            this.refuseOrOverbook(reason, visit, request);
        }
    }

    refuseOrOverbook(reason, visit, again) {
        const {model} = this;
        if (!model.day.can.overbook || visit !== model.visit(visit.id)) {
            this.refused(reason, visit.id);
            return;
        }
        this.dialog.add(ReasonDialog, {
            title: _t("Not free"),
            message: reason,
            label: _t("Why should it be booked there all the same?"),
            confirmLabel: _t("Overbook"),
            danger: true,
            confirm: async (text) => {
                const refusedAgain = await again({overbook_reason: text});
                if (refusedAgain) {
                    this.refused(refusedAgain, visit.id);
                }
            },
        });
    }

    /** Another state, asking why where a reason is kept. */
    async setState(visit, state) {
        if (!this.model.isTimely(visit, state)) {
            this.goAhead(visit, state);
            return;
        }
        if (state !== "cancelled") {
            await this.requestState(visit, state);
            return;
        }
        this.dialog.add(ReasonDialog, {
            title: visit.patient
                ? _t("Cancel the visit of %s", visit.patient)
                : _t("Cancel the held time"),
            label: _t("Reason"),
            suggestions: this.model.day.cancel_reasons,
            who: [
                {code: "patient", label: _t("The patient")},
                {code: "clinic", label: _t("The clinic")},
            ],
            confirmLabel: _t("Cancel the visit"),
            danger: true,
            confirm: (reason, by) => this.requestState(visit, state, reason, by),
        });
    }

    goAhead(visit, state) {
        this.dialog.add(ReasonDialog, {
            title: _t("The visit is on a later day"),
            label: _t("Why is it “%s” earlier?", this.model.stateLabel(state)),
            confirmLabel: _t("Go ahead"),
            danger: true,
            confirm: (reason) => this.requestState(visit, state, reason),
        });
    }

    async requestState(visit, state, reason, by) {
        const {marker} = visit;
        const refusedBecause = await this.change(
            () =>
                this.model.call("set_state", [visit.id, state], {
                    ...(reason && {reason}),
                    ...(by && {by}),
                    marker,
                }),
            (row) =>
                _t("%(patient)s: %(state)s", {
                    patient: row.patient || _t("Held on the website"),
                    state: this.model.stateLabel(row.state),
                })
        );
        if (refusedBecause) {
            this.refused(refusedBecause, visit.id);
        }
    }

    undoLast() {
        if (this.last) {
            this.undo(this.last);
        }
    }

    async undo(change) {
        if (this.last === change) {
            this.last = null;
        }
        const {visitId, undo, marker} = change;
        const reason = await this.change(
            () => this.model.call("undo", [visitId, undo], {marker}),
            () => _t("Taken back")
        );
        if (reason) {
            this.refused(reason, visitId);
        }
    }
}
