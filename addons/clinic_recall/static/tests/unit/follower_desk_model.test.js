import {describe, expect, test} from "@odoo/hoot";
import {Deferred} from "@odoo/hoot-mock";
import {nextTries} from "@clinic_recall/follower_desk/desk_words";
import {FollowerDeskModel} from "@clinic_recall/follower_desk/follower_desk_model";

describe.current.tags("headless");

const {DateTime} = luxon;

const item = (id) => ({key: `step-${id}`, kind: "step", id});
const desk = (...ids) => ({
    items: ids.map(item),
    counts: {today: ids.length},
    stop_reasons: [],
});
const detail = (id, step = {}) => ({step: {id, ...step}, patient: {id: 10 + id}});

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
    return {model: new FollowerDeskModel(orm), asked};
}

/** Let everything run that waits for nothing else. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** The desk with these lines, of which the first is chosen. */
async function open(ids, step) {
    const {model, asked} = makeModel();
    const started = model.start();
    asked[0].answer.resolve(desk(...ids));
    await settle();
    asked[1].answer.resolve(detail(ids[0], step));
    await started;
    asked.length = 0;
    return {model, asked};
}

test("the first line is chosen", async () => {
    const {model} = await open([1, 2]);
    expect([model.key, model.detail.step.id, model.hasWork]).toEqual([
        "step-1",
        1,
        true,
    ]);
});

test("a desk without lines", async () => {
    const {model, asked} = makeModel();
    const started = model.start();
    asked[0].answer.resolve(desk());
    await started;
    await model.move(1);
    expect([model.key, model.hasWork, asked.length]).toEqual([null, false, 1]);
});

test("the arrows stop at the ends", async () => {
    const {model, asked} = await open([1, 2]);
    await model.move(-1);
    expect(asked).toEqual([]);
    model.move(1);
    model.move(1);
    expect(model.key).toBe("step-2");
    expect(asked.map(({args}) => args)).toEqual([["step", 2]]);
});

test("choosing the chosen line again loses nothing that was written", async () => {
    const {model} = await open([1, 2]);
    model.note = "She calls back";
    await model.choose(item(1));
    expect(model.note).toBe("She calls back");
});

test("a line that comes late does not cover the one chosen after it", async () => {
    const {model, asked} = await open([1, 2, 3]);
    model.move(1);
    model.move(1);
    asked[1].answer.resolve(detail(3));
    asked[0].answer.resolve(detail(2));
    await settle();
    expect(model.detail.step.id).toBe(3);
});

test("of two desks that are read, the one asked for last is shown", async () => {
    const {model, asked} = await open([1]);
    model.load();
    model.toggleEverybody();
    asked[1].answer.resolve(desk(1, 2, 3));
    asked[0].answer.resolve(desk(1));
    await settle();
    expect(asked[1].args).toEqual([true]);
    expect(model.items.length).toBe(3);
});

test("a desk that opens while something changes still chooses the first line", async () => {
    const {model, asked} = makeModel();
    model.start();
    model.refresh();
    asked[0].answer.resolve(desk(1));
    await settle();
    asked[1].answer.resolve(desk(2, 1));
    await settle();
    expect(model.key).toBe("step-2");
});

test("what is done leaves, and the line in its place is chosen", async () => {
    const {model, asked} = await open([1, 2, 3]);
    model.move(1);
    asked[0].answer.resolve(detail(2));
    await settle();
    const acted = model.act("done", [2]);
    asked[1].answer.resolve();
    await settle();
    asked[2].answer.resolve(desk(1, 3));
    await settle();
    expect(asked[3].args).toEqual(["step", 3]);
    asked[3].answer.resolve(detail(3));
    expect(await acted).toBe(true);
    expect([model.key, model.busy]).toEqual(["step-3", false]);
});

test("who does not answer stays in the list, and the next one is chosen", async () => {
    const {model, asked} = await open([1, 2]);
    model.act("no_answer", [1]);
    asked[0].answer.resolve();
    await settle();
    asked[1].answer.resolve(desk(1, 2));
    await settle();
    expect(model.key).toBe("step-2");
});

test("what the server refuses stays as it was written", async () => {
    const {model, asked} = await open([1], {questionnaire: {}});
    model.note = "All is well";
    model.setAnswer({id: 4}, "2");
    const acted = model.act("done", [1]);
    asked[0].answer.reject(new Error("Please answer"));
    await expect(acted).rejects.toThrow("Please answer");
    expect([model.note, model.given, model.busy]).toEqual([
        "All is well",
        {4: "2"},
        false,
    ]);
});

test("a second press does nothing, and nothing moves meanwhile", async () => {
    const {model, asked} = await open([1]);
    model.act("done", [1]);
    expect(await model.act("done", [1])).toBe(false);
    await model.refresh();
    expect(asked.map(({method}) => method)).toEqual(["done"]);
});

test("an answer is taken back by the same button", async () => {
    const {model} = await open([1], {questionnaire: {}});
    model.setAnswer({id: 4}, "2");
    model.setAnswer({id: 4}, "2");
    expect(model.given).toEqual({4: ""});
});

test("a step that asks nothing sends no answers", async () => {
    const {model} = await open([1]);
    expect(model.given).toBe(null);
});

test("calls are put off into the future only", () => {
    const noon = DateTime.fromISO("2026-03-03T12:00:00");
    const night = DateTime.fromISO("2026-03-03T17:45:00");
    const hours = (now) =>
        nextTries(now).map(({moment}) => moment.toFormat("d. HH:mm"));
    expect(hours(noon)).toEqual([
        "3. 12:30",
        "3. 14:00",
        "3. 18:00",
        "4. 10:00",
        "6. 10:00",
    ]);
    expect(hours(night)).toEqual(["3. 18:15", "3. 19:45", "4. 10:00", "6. 10:00"]);
});
