import {describe, expect, test} from "@odoo/hoot";
import {CARD, layoutFlow} from "@clinic_recall/journey_flow/flow_layout";

describe.current.tags("headless");

const node = (id, next = false, otherwise = false, kind = "wait") => ({
    id,
    kind: otherwise ? "condition" : kind,
    next,
    else: otherwise,
});

test("a chain is one lane, one row a step", () => {
    const {places} = layoutFlow([node(1, 2), node(2, 3), node(3)], 1);
    expect(places[1].x).toBe(places[3].x);
    expect(places[1].y < places[2].y && places[2].y < places[3].y).toBe(true);
});

test("what happens otherwise goes to the right", () => {
    const {places} = layoutFlow([node(1, 2, 3), node(2), node(3)], 1);
    expect(places[3].x > places[2].x).toBe(true);
    expect(places[3].y).toBe(places[2].y);
});

test("no two steps lie on each other", () => {
    const nodes = [
        node(1, 2, 3),
        node(2, 6, 4),
        node(3, 5, 6),
        node(4, 6),
        node(5, 6),
        node(6),
        node(7, 8),
        node(8),
    ];
    const {places, width, height} = layoutFlow(nodes, 1);
    const spots = new Set(nodes.map(({id}) => `${places[id].x}/${places[id].y}`));
    expect(spots.size).toBe(nodes.length);
    for (const place of Object.values(places)) {
        expect(place.x + CARD.width <= width).toBe(true);
        expect(place.y + CARD.height <= height).toBe(true);
    }
});

test("where two ways meet, the step is under both", () => {
    const {places} = layoutFlow([node(1, 2, 3), node(2, 4), node(3, 4), node(4)], 1);
    expect(places[4].y > places[2].y && places[4].y > places[3].y).toBe(true);
});

test("steps that nothing leads to are marked", () => {
    const {places} = layoutFlow([node(1), node(2)], 1);
    expect(places[2].isLost).toBe(true);
    expect(places[1].isLost).toBe(false);
});

test("goals and ends lead nowhere; open ends have an arrow to add a step", () => {
    const {arrows} = layoutFlow([node(1, 2), node(2, false, false, "goal")], 1);
    expect(arrows.map((arrow) => arrow.key)).toEqual(["1-next"]);
    const open = layoutFlow([node(1)], 1).arrows;
    expect(open[0].isOpen).toBe(true);
});

test("an empty journey is drawn empty", () => {
    const {arrows, places} = layoutFlow([], false);
    expect(arrows.length).toBe(0);
    expect(Object.keys(places).length).toBe(0);
});
