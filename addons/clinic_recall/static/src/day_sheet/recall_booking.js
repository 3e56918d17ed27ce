import {BookingDialog} from "@clinic_agenda/day_sheet/booking_dialog";
import {DaySheet} from "@clinic_agenda/day_sheet/day_sheet";
import {patch} from "@web/core/utils/patch";

/**
 * From a recall, the day sheet knows what is to be booked: the dialog proposes that
 * service wherever the practitioner of the chosen time offers it.
 */
patch(DaySheet.prototype, {
    setup() {
        super.setup();
        const {context = {}} = this.props.action;
        if (this.state.patient && context.clinic_service_id) {
            this.state.patient.serviceId = context.clinic_service_id;
        }
    },
});

patch(BookingDialog.prototype, {
    async loadOptions() {
        await super.loadOptions();
        const wanted = this.props.patient?.serviceId;
        const offered = this.state.options.services.some(({id}) => id === wanted);
        if (wanted && offered && !this.wantedChosen) {
            this.wantedChosen = true;
            this.chooseService(wanted);
        }
    },
});
