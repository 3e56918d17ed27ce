import {DaySheet} from "@clinic_agenda/day_sheet/day_sheet";
import {VisitPopover} from "@clinic_agenda/day_sheet/visit_popover";
import {patch} from "@web/core/utils/patch";

patch(VisitPopover, {
    props: {...VisitPopover.props, openEncounter: Function},
});

patch(VisitPopover.prototype, {
    get mayWrite() {
        const {day, visit} = this.props;
        return (
            day.can.record &&
            visit.patient_id &&
            !["held", "cancelled", "no_show"].includes(visit.state)
        );
    },
});

patch(DaySheet.prototype, {
    popoverProps(visit) {
        return {
            ...super.popoverProps(visit),
            openEncounter: () => this.openEncounter(visit),
        };
    },

    async openEncounter(visit) {
        this.popover.close();
        const method = "action_open_encounter";
        const action = await this.orm.call("clinic.appointment", method, [[visit.id]]);
        return this.action.doAction(action);
    },
});
