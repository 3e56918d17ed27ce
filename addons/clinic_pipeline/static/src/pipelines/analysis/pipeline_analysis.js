import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {Layout} from "@web/search/layout";
import {formatCurrency} from "@web/core/currency";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {TrendChart} from "./trend_chart";

const {DateTime} = luxon;

/** First and last day of the periods one can choose, and their names. */
export const PERIODS = {
    month: {
        label: _t("This month"),
        span: (today) => [today.startOf("month"), today.endOf("month")],
    },
    last_month: {
        label: _t("Last month"),
        span: (today) => {
            const day = today.minus({months: 1});
            return [day.startOf("month"), day.endOf("month")];
        },
    },
    days: {
        label: _t("Last 30 days"),
        span: (today) => [today.minus({days: 29}), today],
    },
    week: {
        label: _t("Last 7 days"),
        span: (today) => [today.minus({days: 6}), today],
    },
    quarter: {
        label: _t("This quarter"),
        span: (today) => [today.startOf("quarter"), today.endOf("quarter")],
    },
    year: {
        label: _t("This year"),
        span: (today) => [today.startOf("year"), today.endOf("year")],
    },
    own: {label: _t("Other days"), span: null},
};

/**
 * Conversion, time in stage, load and result of a pipeline, period against period. The
 * server counts; this only shows, and leads to the deals behind each figure.
 */
export class PipelineAnalysis extends Component {
    static template = "clinic_pipeline.PipelineAnalysis";
    static components = {Layout, TrendChart};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.last = new KeepLast();
        this.periods = Object.entries(PERIODS).map(([key, each]) => [key, each.label]);
        this.comparisons = [
            ["previous", _t("Days before")],
            ["year", _t("A year earlier")],
            ["none", _t("Nothing")],
        ];
        const [first, last] = PERIODS.days.span(DateTime.local());
        this.state = useState({
            pipeline: "appointments",
            period: "days",
            first: first.toISODate(),
            last: last.toISODate(),
            compare: "previous",
            by: "user_id",
            found: null,
        });
        onWillStart(() => this.load());
    }

    async load() {
        const {pipeline, first, last, compare, by} = this.state;
        if (!first || !last || last < first) {
            this.notification.add(_t("The last day is before the first one."), {
                type: "warning",
            });
            return;
        }
        this.state.found = await this.last.add(
            this.orm.call("clinic.pipeline.analysis", "get_analysis", [
                pipeline,
                first,
                last,
                compare,
                by,
            ])
        );
    }

    choose(name, value) {
        this.state[name] = value;
        const span = name === "period" && PERIODS[value].span;
        if (span) {
            const [first, last] = span(DateTime.local());
            this.state.first = first.toISODate();
            this.state.last = last.toISODate();
        }
        return this.load();
    }

    get found() {
        return this.state.found;
    }

    /** Figures on top behind which there are deals. */
    get opens() {
        return ["opened", "won", "lost"];
    }

    /** The figures on top: word, value, value before, whether more is better. */
    get tiles() {
        const {totals, totals_before: before, money} = this.found;
        const tile = (name, label, better, say = this.number) => ({
            name,
            label,
            value: say.call(this, totals[name]),
            before: before && say.call(this, before[name]),
            ...this.difference(totals[name], before && before[name], better),
        });
        const tiles = [
            tile("opened", _t("New deals"), 0),
            tile("won", _t("Won"), 1),
            tile("lost", _t("Lost"), -1),
            tile("conversion", _t("Conversion"), 1, this.percent),
            tile("days_to_win", _t("Days until won"), -1, this.days),
        ];
        if (money) {
            tiles.push(tile("amount", _t("Amount won"), 1, this.amount));
        }
        return tiles;
    }

    /** Widest bar of the table: the largest number of new or open deals. */
    get widest() {
        return Math.max(
            1,
            ...this.found.rows.map((row) => Math.max(row.opened, row.open))
        );
    }

    get mostEntered() {
        return Math.max(1, ...this.found.stages.map((stage) => stage.entered));
    }

    number(value) {
        return (value || 0).toLocaleString();
    }

    percent(value) {
        return value === null || value === undefined ? "–" : `${Math.round(value)} %`;
    }

    days(value) {
        return value === null || value === undefined ? "–" : value.toFixed(1);
    }

    amount(value) {
        return formatCurrency(value || 0, this.found.currency_id, {
            humanReadable: true,
        });
    }

    /** How long on average, in hours below two days. */
    stay(hours) {
        if (hours === null || hours === undefined) {
            return "–";
        }
        return hours < 48
            ? _t("%s h", Math.round(hours))
            : _t("%s days", (hours / 24).toFixed(1));
    }

    /**
     * How a figure differs from the one before: with its sign, in percent, and in the
     * colour of good, bad or neither. Nothing where there is nothing to compare with.
     */
    difference(value, before, better) {
        if (!before || typeof value !== "number") {
            return {change: "", color: ""};
        }
        const percent = Math.round((100 * (value - before)) / before);
        const sign = percent > 0 ? "+" : percent < 0 ? "−" : "±";
        const color = {[1]: "success", [0]: "secondary", [-1]: "danger"};
        return {
            change: `${sign}${Math.abs(percent)} %`,
            color: color[Math.sign(percent) * better + 0],
        };
    }

    share(part, whole) {
        return whole ? Math.round((100 * part) / whole) : 0;
    }

    /** The deals behind a figure. */
    open(name, row = null) {
        const {pipeline, by} = this.state;
        const domain = [["pipeline", "=", pipeline]];
        const [first, last] = this.bounds();
        const within = (field) => [
            [field, ">=", first],
            [field, "<", last],
        ];
        if (row) {
            domain.push([by, "=", row.id]);
        }
        if (name === "opened") {
            domain.push(...within("create_date"));
        } else if (name === "won" || name === "lost") {
            domain.push(["won_status", "=", name], ...within("date_closed"));
        } else {
            domain.push(["is_open", "=", true]);
        }
        if (name === "stuck") {
            domain.push(["is_stuck", "=", true]);
        } else if (name === "overdue") {
            domain.push(["next_step_date", "<", this.found.today]);
        }
        return this.show(_t("Deals"), "crm.lead", domain);
    }

    /** The deals that entered a stage in the period. */
    openStage(stage) {
        const [first, last] = this.bounds();
        return this.show(_t("Stages over time"), "clinic.pipeline.entry", [
            ["stage_id", "=", stage.id],
            ["lead_id.pipeline", "=", this.state.pipeline],
            ["lead_id.active", "=", true],
            ["entered_at", ">=", first],
            ["entered_at", "<", last],
        ]);
    }

    /** First instant and the one after the last: those the server counted by. */
    bounds() {
        return this.found.instants;
    }

    show(name, model, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            domain,
            views: ["list", "pivot", "graph", "form"].map((type) => [
                this.found.views[model]?.[type] || false,
                type,
            ]),
        });
    }
}

registry.category("actions").add("clinic_pipeline_analysis", PipelineAnalysis);
