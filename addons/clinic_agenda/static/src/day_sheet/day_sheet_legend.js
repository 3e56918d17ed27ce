import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {STATE_ICONS} from "./states";

/** What the colours mean, how many visits have each, and whom the next click books. */
export class DaySheetLegend extends Component {
    static template = "clinic_agenda.DaySheetLegend";
    static props = {
        model: Object,
        patient: {type: [Object, {value: null}]},
        forget: Function,
    };

    setup() {
        this.model = useState(this.props.model);
    }

    get day() {
        return this.model.day;
    }

    get summary() {
        return _t("%(count)s visits · times in %(zone)s", {
            count: Object.values(this.model.counts).reduce(
                (sum, count) => sum + count,
                0
            ),
            zone: this.day.location.zone,
        });
    }

    get bookingFor() {
        return _t("Click a free time for %s", this.props.patient.name);
    }

    /** States that occur today; those hidden by choice among them. */
    get legend() {
        const {counts, day} = this.model;
        return day.states
            .filter(([code]) => counts[code])
            .map(([code, label]) => {
                const hidden = this.model.hidden.has(code);
                return {
                    code,
                    label,
                    count: counts[code],
                    icon: STATE_ICONS[code],
                    hidden,
                    title: hidden ? _t("Show: %s", label) : _t("Hide: %s", label),
                };
            });
    }

    get hasPublicHours() {
        return this.day.sessions.some((session) => session.regime === "public");
    }
}
