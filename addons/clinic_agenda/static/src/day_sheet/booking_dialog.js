import {Component, onWillStart, useState} from "@odoo/owl";
import {formatCurrency} from "@web/core/currency";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {BookingPatient, nobody} from "./booking_patient";
import {SNAP, clock, minuteOfWall, parseClock, wallMinute} from "./geometry";
import {refusal} from "./refusal";

const {DateTime} = luxon;

/**
 * Books a visit: who, what, when, how it is paid. Prices, lengths and what fits come
 * from the server; the dialog guesses nothing.
 */
export class BookingDialog extends Component {
    static template = "clinic_agenda.BookingDialog";
    static components = {BookingPatient, Dialog};
    static props = {
        model: Object,
        minute: Number,
        practitioners: Array,
        practitionerId: {type: [Number, Boolean], optional: true},
        roomId: {type: [Number, Boolean], optional: true},
        patient: {type: Object, optional: true},
        booked: Function,
        close: Function,
    };

    setup() {
        this.model = this.props.model;
        this.day = this.model.day;
        this.who = useState(nobody(this.props.patient));
        this.lastOptions = new KeepLast();
        this.state = useState({
            minute: this.props.minute,
            practitionerId: this.props.practitionerId || false,
            serviceId: false,
            length: 0,
            regime: "private",
            coverageId: false,
            note: "",
            channel: "desk",
            overbookReason: "",
            options: {services: [], coverages: [], when: ""},
            loading: false,
            saving: false,
            error: "",
        });
        onWillStart(() => this.loadOptions());
    }

    // ------------------------------------------------------------------
    // What and when
    // ------------------------------------------------------------------

    async loadOptions() {
        const {state, model, day} = this;
        if (!state.practitionerId) {
            return;
        }
        state.loading = true;
        try {
            state.options = await this.lastOptions.add(
                model.call("booking_options", [
                    day.location.id,
                    state.practitionerId,
                    model.utc(state.minute),
                    this.props.roomId || null,
                ])
            );
        } finally {
            state.loading = false;
        }
        const {options} = state;
        if (!options.services.some((service) => service.id === state.serviceId)) {
            this.chooseService(options.services[0]?.id || false);
        } else {
            this.chooseRegime();
        }
    }

    get title() {
        const when = DateTime.fromISO(this.day.date).toLocaleString({
            weekday: "long",
            day: "numeric",
            month: "long",
        });
        return _t("New visit · %(when)s · %(where)s", {
            when,
            where: this.day.location.name,
        });
    }

    get service() {
        return this.state.options.services.find(
            (service) => service.id === this.state.serviceId
        );
    }

    chooseService(serviceId) {
        const {state} = this;
        state.serviceId = serviceId;
        state.length = this.service?.duration || 0;
        if (!this.coverages.some((coverage) => coverage.id === state.coverageId)) {
            state.coverageId = false;
        }
        this.chooseRegime();
    }

    /** The regime that the opening takes, when it takes only one. */
    chooseRegime() {
        const regimes = this.service?.regimes || [];
        if (regimes.length && !regimes.includes(this.state.regime)) {
            this.state.regime = regimes[0];
        }
    }

    get coverages() {
        const accepted = this.service?.coverage_ids || [];
        return this.state.options.coverages.filter((coverage) =>
            accepted.includes(coverage.id)
        );
    }

    get coverageNote() {
        return this.coverages.find((item) => item.id === this.state.coverageId)?.note;
    }

    get price() {
        const {price, currency_id: currencyId} = this.service;
        return formatCurrency(price, currencyId);
    }

    findDuplicates(card) {
        return this.model.call("find_duplicates", [card]);
    }

    /** What was refused for one patient may be possible for another. */
    onPatientChanged() {
        this.state.error = "";
    }

    get startValue() {
        return clock(this.state.minute, this.day.axis.wall);
    }

    get stopLabel() {
        return clock(this.state.minute + this.state.length, this.day.axis.wall);
    }

    onStartChange(ev) {
        const shown = parseClock(ev.target.value);
        ev.target.value = this.startValue;
        if (shown === null) {
            return;
        }
        if (wallMinute(this.state.minute, this.day.axis.wall) !== shown) {
            this.state.minute = minuteOfWall(shown, this.day.axis.wall);
            this.loadOptions();
        }
    }

    onLengthChange(ev) {
        const length = Math.round(Number(ev.target.value));
        this.state.length = length > 0 ? length : this.service?.duration || SNAP;
    }

    onPractitionerChange(ev) {
        this.state.practitionerId = Number(ev.target.value);
        return this.loadOptions();
    }

    onCoverageChange(ev) {
        this.state.coverageId = Number(ev.target.value) || false;
    }

    /** What keeps the visit from fitting, as far as it is known before asking. */
    get misfit() {
        const {service, state} = this;
        if (!service || state.loading || state.length !== service.duration) {
            return "";
        }
        if (!service.fits) {
            return _t("This service does not fit at this time.");
        }
        if (!service.regimes.includes(state.regime)) {
            return state.regime === "public"
                ? _t("Only private visits are taken at this time.")
                : _t("Only public visits are taken at this time.");
        }
        return "";
    }

    // ------------------------------------------------------------------
    // Book
    // ------------------------------------------------------------------

    get isComplete() {
        const {state, who} = this;
        const known =
            who.patient ||
            (who.creating && who.card.family_name.trim() && who.card.given_name.trim());
        return Boolean(
            known && state.serviceId && state.practitionerId && !state.saving
        );
    }

    get mayOverbook() {
        return this.day.can.overbook && (this.misfit || this.state.error);
    }

    get values() {
        const {state, who} = this;
        const values = {
            location_id: this.day.location.id,
            practitioner_id: state.practitionerId,
            service_id: state.serviceId,
            start: this.model.utc(state.minute),
            stop: this.model.utc(state.minute + state.length),
            regime: state.regime,
            coverage_id: state.coverageId,
            note: state.note,
            channel: state.channel,
            room_id: this.props.roomId || false,
        };
        if (who.patient) {
            values.patient_id = who.patient.id;
        } else {
            values.patient = {...who.card};
        }
        if (this.mayOverbook && state.overbookReason.trim()) {
            values.overbook_reason = state.overbookReason.trim();
        }
        return values;
    }

    async book() {
        if (!this.isComplete) {
            return;
        }
        this.state.saving = true;
        this.state.error = "";
        let result;
        try {
            result = await this.model.call("book", [this.values]);
        } catch (error) {
            const reason = refusal(error);
            if (!reason) {
                throw error;
            }
            this.state.error = reason;
            return;
        } finally {
            this.state.saving = false;
        }
        this.props.booked(result);
        this.props.close();
    }
}
