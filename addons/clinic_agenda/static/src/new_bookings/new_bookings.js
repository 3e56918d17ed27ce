import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {sprintf} from "@web/core/utils/strings";
import {user} from "@web/core/user";
import {useBus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";

const ACTION = "clinic_agenda.clinic_new_booking_action";
// Many bookings in a row are counted once.
const PAUSE = 1500;

/**
 * How many bookings the user has not seen, for users who have the list.
 */
export class NewBookings extends Component {
    static template = "clinic_agenda.NewBookings";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({count: 0, shown: false});
        const later = useDebounced(() => this.count(), PAUSE);
        const bus = useService("bus_service");
        bus.subscribe("clinic_agenda/changed", later);
        bus.subscribe("clinic_agenda/new_bookings", () => this.count());
        useBus(this.env.bus, "ACTION_MANAGER:UI-UPDATED", later);
        onWillStart(async () => {
            this.state.shown = await user.hasGroup(
                "clinic_agenda.group_clinic_new_bookings"
            );
            // The bar does not wait for the number.
            this.count();
        });
    }

    async count() {
        if (!this.state.shown) {
            return;
        }
        try {
            this.state.count = await this.orm.silent.call(
                "clinic.appointment",
                "new_booking_count",
                []
            );
        } catch {
            this.state.count = 0;
        }
    }

    get words() {
        return this.state.count > 99 ? "99+" : String(this.state.count);
    }

    get title() {
        return sprintf(_t("New bookings: %s not seen"), this.words);
    }

    open() {
        const filter = this.state.count
            ? "search_default_unseen"
            : "search_default_week";
        return this.action.doAction(ACTION, {
            clearBreadcrumbs: true,
            additionalContext: {search_default_week: 0, [filter]: 1},
        });
    }
}

registry
    .category("systray")
    .add("clinic_agenda.new_bookings", {Component: NewBookings}, {sequence: 31});
