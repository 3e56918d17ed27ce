import {describe, expect, test} from "@odoo/hoot";
import {Deferred} from "@odoo/hoot-mock";
import {DaySheetModel} from "@clinic_agenda/day_sheet/day_sheet_model";

describe.current.tags("headless");

const FIELDS = ["id", "state", "start_minute", "stop_minute", "practitioner_id"];

/** A table of visits of practitioner 1, as the server sends it. */
const table = (...rows) => ({
    origin: 29_000_000,
    fields: FIELDS,
    rows: rows.map(([id, start]) => [id, "booked", start, start + 30, 1]),
    names: {practitioner_id: {}, room_id: {}, service_id: {}, coverage_id: {}},
});

const day = (date, ...rows) => ({
    date,
    today: "2026-03-02",
    location: {id: 7, name: "Rome", tz: "Europe/Rome", zone: "CET"},
    group_by: "practitioner",
    axis: {
        start: `${date} 00:00:00`,
        minutes: 1440,
        wall: [[0, 0]],
        first: 480,
        last: 1140,
    },
    columns: [{id: 1, name: "Anna"}],
    sessions: [],
    closures: [],
    visits: table(...rows),
});

/** A server whose answers the test gives, in the order it likes. */
function makeModel() {
    const asked = [];
    const orm = {
        call: (_model, method, args) => {
            const answer = new Deferred();
            asked.push({method, args, answer});
            return answer;
        },
    };
    const model = new DaySheetModel(orm);
    Object.assign(model, {locationId: 7, date: "2026-03-03", groupBy: "practitioner"});
    return {model, asked};
}

/** Let everything run that waits for nothing else. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

test("of two days that are read, the one asked for last is shown", async () => {
    const {model, asked} = makeModel();
    const first = model.load();
    const second = model.load({date: "2026-03-04"});
    asked[1].answer.resolve(day("2026-03-04", [2, 600]));
    asked[0].answer.resolve(day("2026-03-03", [1, 600]));
    await Promise.all([first, second]);
    expect(model.day.date).toBe("2026-03-04");
    expect(model.visitsOf(1).map(({id}) => id)).toEqual([2]);
});

test("a change announced while the day is read is not lost", async () => {
    const {model, asked} = makeModel();
    const opened = model.load();
    asked[0].answer.resolve(day("2026-03-03", [1, 600]));
    await opened;
    const reload = model.load();
    const refresh = model.refresh([1]);
    await settle();
    expect(asked.length).toBe(2);
    // read before the change
    asked[1].answer.resolve(day("2026-03-03", [1, 600]));
    await reload;
    await settle();
    expect(asked[2].method).toBe("get_visits");
    asked[2].answer.resolve(table([1, 660]));
    await refresh;
    expect(model.visit(1).start_minute).toBe(660);
});

test("when a day cannot be read, the old one stays and is what is chosen", async () => {
    const {model, asked} = makeModel();
    const opened = model.load();
    asked[0].answer.resolve(day("2026-03-03", [1, 600]));
    await opened;
    const failing = model.load({date: "2026-03-04", groupBy: "room"});
    asked[1].answer.reject(new Error("no network"));
    await expect(failing).rejects.toThrow("no network");
    expect([model.date, model.groupBy]).toEqual(["2026-03-03", "practitioner"]);
    expect(model.visit(1).start_minute).toBe(600);
});

test("a day that is only being opened is concerned as well", async () => {
    const {model, asked} = makeModel();
    const opened = model.load();
    asked[0].answer.resolve(day("2026-03-03", [1, 600]));
    await opened;
    model.load({date: "2026-03-04"});
    expect(model.concerns(7, [9], ["2026-03-04"])).toBe(true);
    expect(model.concerns(7, [1], ["2026-03-09"])).toBe(true);
    expect(model.concerns(7, [9], ["2026-03-09"])).toBe(false);
    expect(model.concerns(8, [1], ["2026-03-03"])).toBe(false);
});

test("a visit that is gone frees its place; counts follow", async () => {
    const {model, asked} = makeModel();
    const opened = model.load();
    asked[0].answer.resolve(day("2026-03-03", [1, 600], [2, 640]));
    await opened;
    expect(model.counts).toEqual({booked: 2});
    model.replace([1], []);
    expect(model.counts).toEqual({booked: 1});
    expect(model.visitsOf(1).map(({id}) => id)).toEqual([2]);
});
