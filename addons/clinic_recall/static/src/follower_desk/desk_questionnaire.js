import {Component} from "@odoo/owl";

/** The questions of a step; the answers are kept by the desk. */
export class DeskQuestionnaire extends Component {
    static template = "clinic_recall.DeskQuestionnaire";
    static props = {
        questionnaire: Object,
        answers: Object,
        onAnswer: Function,
    };

    get scale() {
        return Array.from({length: 11}, (_each, number) => String(number));
    }

    isChosen(question, value) {
        return this.props.answers[question.id] === String(value);
    }
}
