import {onWillDestroy} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";

/** More changed visits than this are read again as a whole day. */
const MANY = 200;

/**
 * What others change appears on the sheet, and its clock goes on.
 *
 * @param {import("./day_sheet_model").DaySheetModel} model
 * @param {() => boolean} isBusy while it is, nothing moves under the pointer
 * @returns {() => Promise} to call when it is not busy any more
 */
export function useLiveSheet(model, isBusy) {
    const bus = useService("bus_service");
    const waiting = new Set();
    let isStale = false;

    const catchUp = async () => {
        if (isBusy() || !(isStale || waiting.size)) {
            return;
        }
        const ids = [...waiting];
        const whole = isStale || ids.length > MANY;
        waiting.clear();
        isStale = false;
        await (whole ? model.load() : model.refresh(ids));
    };
    const soon = useDebounced(catchUp, 50);
    const changed = ({location_id: locationId, appointment_ids: ids, days}) => {
        if (model.concerns(locationId, ids, days)) {
            ids.forEach((id) => waiting.add(id));
            isStale = isStale || !ids.length;
            soon();
        }
    };
    const reconnected = () => {
        isStale = Boolean(model.day);
        soon();
    };
    bus.subscribe("clinic_agenda/changed", changed);
    bus.addEventListener("BUS:RECONNECT", reconnected);
    bus.start();
    const timer = browser.setInterval(() => model.day && model.tick(), 20000);
    onWillDestroy(() => {
        browser.clearInterval(timer);
        bus.unsubscribe("clinic_agenda/changed", changed);
        bus.removeEventListener("BUS:RECONNECT", reconnected);
    });
    return catchUp;
}
