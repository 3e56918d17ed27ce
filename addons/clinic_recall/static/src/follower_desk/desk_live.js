import {onWillDestroy} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";

const MINUTE = 60000;

/**
 * What colleagues and the clock change appears on the desk.
 *
 * @param {import("./follower_desk_model").FollowerDeskModel} model
 */
export function useLiveDesk(model) {
    const bus = useService("bus_service");
    const soon = useDebounced(() => model.refresh(), 300);
    bus.subscribe("clinic_recall/desk", soon);
    bus.start();
    const timer = browser.setInterval(soon, MINUTE);
    onWillDestroy(() => {
        browser.clearInterval(timer);
        bus.unsubscribe("clinic_recall/desk", soon);
    });
}
