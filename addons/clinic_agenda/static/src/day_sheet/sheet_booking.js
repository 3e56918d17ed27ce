import {_t} from "@web/core/l10n/translation";
import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";
import {BookingDialog} from "./booking_dialog";
import {STEP} from "./geometry";

/** The field of a closure that says what is closed. */
const CLOSED = {room: "room_id", equipment: "equipment_id"};

/**
 * What is put on the sheet: visits, and closures of rooms and devices.
 */
export class SheetBooking {
    /**
     * @param {import("./day_sheet_model").DaySheetModel} model
     * @param {{ state: { patient: object }, dialog: object, notification: object,
     *  changes: import("./sheet_changes").SheetChanges, orm: object,
     *  onClose: Function }} services
     */
    constructor(model, {state, changes, dialog, notification, orm, onClose}) {
        this.model = model;
        this.state = state;
        this.changes = changes;
        this.dialog = dialog;
        this.notification = notification;
        this.orm = orm;
        this.onClose = onClose;
    }

    /** The button: the next quarter of an hour at which somebody is free. */
    bookNext() {
        const {day, nowMinute, first, last, today} = this.model;
        const from = nowMinute === false ? first : Math.ceil(nowMinute / STEP) * STEP;
        for (let minute = from; minute < last && day.date >= today; minute += STEP) {
            const column = day.columns.find(({id}) =>
                this.model.isFree(id, minute, STEP)
            );
            if (column) {
                this.book(column, minute);
                return;
            }
        }
        const message =
            day.date < today
                ? _t("This day is over: choose a later one.")
                : _t("Nobody is free for the rest of this day.");
        this.notification.add(message, {type: "warning"});
    }

    book(column, minute) {
        const {model} = this;
        const {day} = model;
        if (!day.can.book) {
            return;
        }
        const session = model.sessionAt(column.id, minute);
        const practitioners = this.practitionersFor(minute);
        this.dialog.add(
            BookingDialog,
            {
                model,
                minute,
                practitioners,
                practitionerId:
                    day.group_by === "practitioner"
                        ? column.id
                        : session?.practitioner_id || practitioners[0]?.id,
                roomId: day.group_by === "room" ? column.id : false,
                patient: this.state.patient || undefined,
                booked: (result) => {
                    this.state.patient = null;
                    this.changes.show(
                        result,
                        (visit, time) =>
                            _t("Booked: %(patient)s at %(time)s", {
                                patient: visit.patient,
                                time: time(visit.start_minute),
                            }),
                        day
                    );
                },
            },
            {onClose: this.onClose}
        );
    }

    /** Whom a visit at this time could be with. */
    practitionersFor(minute) {
        const {day} = this.model;
        if (day.group_by === "practitioner") {
            return day.columns.map(({id, name}) => ({id, name}));
        }
        const working = day.working.filter(
            (item) => item.start_minute <= minute && minute < item.stop_minute
        );
        return [
            ...new Map(working.map((item) => [item.practitioner_id, item])).values(),
        ].map(({practitioner_id: id, name}) => ({id, name}));
    }

    // ------------------------------------------------------------------
    // Closures
    // ------------------------------------------------------------------

    canClose(column) {
        const {day} = this.model;
        return Boolean(day.can.close_places && CLOSED[day.group_by] && column.id);
    }

    /** Close the room or device of a column, or change an old closure of it. */
    openClosure(column, closureId = false) {
        const {day} = this.model;
        if (!day.can.close_places) {
            return;
        }
        const field = CLOSED[day.group_by];
        this.dialog.add(
            FormViewDialog,
            {
                resModel: "clinic.closure",
                resId: closureId,
                title: closureId ? _t("Closed") : _t("Close %s", column.name),
                canExpand: false,
                context: closureId
                    ? {}
                    : {
                          [`default_${field}`]: column.id,
                          default_day_from: day.date,
                          default_day_to: day.date,
                      },
                onRecordSaved: () => this.model.load(),
                removeRecord: closureId
                    ? async () => {
                          await this.orm.unlink("clinic.closure", [closureId]);
                          await this.model.load();
                      }
                    : undefined,
            },
            {onClose: this.onClose}
        );
    }
}
