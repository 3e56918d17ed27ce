import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {sideBySide} from "./geometry";

/** Columns on one landscape page: fewer are hard to survey, more hard to read. */
const PER_PAGE = 6;

/** The sheet on paper: a page for each few columns, the whole day on each. */
export class DaySheetPrint extends Component {
    static template = "clinic_agenda.DaySheetPrint";
    static props = {model: Object, title: String};

    get pages() {
        const {day} = this.props.model;
        const pages = [];
        for (let index = 0; index < day.columns.length; index += PER_PAGE) {
            pages.push(day.columns.slice(index, index + PER_PAGE));
        }
        return pages;
    }

    percent(minute) {
        const {first, last} = this.props.model;
        return ((minute - first) / (last - first)) * 100;
    }

    blocks(column) {
        const {model} = this.props;
        const visits = model.visitsOf(column.id);
        const lanes = sideBySide(visits);
        return visits.map((visit) => {
            const {lane, lanes: count} = lanes.get(visit.id);
            const top = this.percent(visit.start_minute);
            const height = this.percent(visit.stop_minute) - top;
            return {
                id: visit.id,
                time: model.clock(visit.start_minute),
                name: visit.patient || _t("Held on the website"),
                service: visit.service,
                style:
                    `top:${top}%;height:${height}%;` +
                    `left:${(lane * 100) / count}%;width:${100 / count}%`,
            };
        });
    }
}
