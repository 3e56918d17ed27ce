import {registry} from "@web/core/registry";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {calendarView} from "@web/views/calendar/calendar_view";

/**
 * Visits stand at the hour that the clock of their location shows, as on the day sheet,
 * wherever the reader is.
 */
export class AppointmentCalendarModel extends CalendarModel {
    normalizeRecord(rawRecord) {
        const record = super.normalizeRecord(rawRecord);
        const atLocation = (moment) =>
            moment.setZone(rawRecord.tz).setZone(moment.zone, {keepLocalTime: true});
        return {
            ...record,
            start: atLocation(record.start),
            end: atLocation(record.end),
        };
    }

    /** A day there may begin or end on another day here. */
    computeRangeDomain(data) {
        const {start, end} = data.range;
        return super.computeRangeDomain({
            ...data,
            range: {start: start.minus({days: 1}), end: end.plus({days: 1})},
        });
    }
}

registry.category("views").add("clinic_appointment_calendar", {
    ...calendarView,
    Model: AppointmentCalendarModel,
});
