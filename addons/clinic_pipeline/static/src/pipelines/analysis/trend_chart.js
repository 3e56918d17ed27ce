import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {loadBundle} from "@web/core/assets";

const {DateTime} = luxon;

/** Readable on a light and on a dark ground; won and lost as everywhere. */
const COLORS = {opened: "#5a8dc8", won: "#28a745", lost: "#dc3545"};

/** New, won and lost deals along a period, and dashed along the one before it. */
export class TrendChart extends Component {
    static template = "clinic_pipeline.TrendChart";
    static props = {trend: Object};

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (trend) => this.draw(trend),
            () => [this.props.trend]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw(trend) {
        this.chart?.destroy();
        const names = {opened: _t("New"), won: _t("Won"), lost: _t("Lost")};
        const line = (name, source, options) => ({
            label: options.label,
            data: source[name],
            borderColor: COLORS[name],
            backgroundColor: COLORS[name],
            pointRadius: 2,
            tension: 0.25,
            ...options,
        });
        const datasets = Object.keys(names).map((name) =>
            line(name, trend, {label: names[name]})
        );
        if (trend.before) {
            datasets.push(
                ...Object.keys(names).map((name) =>
                    line(name, trend.before, {
                        label: _t("%s, before", names[name]),
                        borderDash: [4, 4],
                        borderWidth: 1,
                        pointRadius: 0,
                    })
                )
            );
        }
        // eslint-disable-next-line no-undef
        this.chart = new Chart(this.canvas.el, {
            type: "line",
            data: {
                labels: trend.labels.map((day) =>
                    DateTime.fromISO(day).toLocaleString({
                        day: "numeric",
                        month: "short",
                    })
                ),
                datasets,
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: {mode: "index", intersect: false},
                scales: {y: {beginAtZero: true, ticks: {precision: 0}}},
                plugins: {legend: {position: "bottom"}},
            },
        });
    }
}
