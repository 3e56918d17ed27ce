import {describe, expect, test} from "@odoo/hoot";
import {
    ageOn,
    attract,
    clamp,
    clock,
    columnAt,
    freeAround,
    hourMarks,
    isLegal,
    minuteOfWall,
    parseClock,
    sideBySide,
    snap,
    wallMinute,
} from "@clinic_agenda/day_sheet/geometry";

describe.current.tags("headless");

const USUAL = [[0, 0]];
const SPRING = [
    [0, 0],
    [120, 180],
];
const AUTUMN = [
    [0, 0],
    [180, 120],
];

const visit = (id, start, stop) => ({id, start_minute: start, stop_minute: stop});

test("snapping and clamping", () => {
    expect(snap(602)).toBe(600);
    expect(snap(603)).toBe(605);
    expect(snap(607, 15)).toBe(600);
    expect(clamp(5, 10, 20)).toBe(10);
    expect(clamp(25, 10, 20)).toBe(20);
    expect(clamp(5, 10, 3)).toBe(10);
});

test("the clock of a usual day", () => {
    expect(clock(0, USUAL)).toBe("00:00");
    expect(clock(545, USUAL)).toBe("09:05");
    expect(clock(1440, USUAL)).toBe("00:00");
    expect(clock(-15, USUAL)).toBe("23:45");
});

test("the clock skips an hour in spring", () => {
    expect(clock(119, SPRING)).toBe("01:59");
    expect(clock(120, SPRING)).toBe("03:00");
    expect(hourMarks(60, 240, SPRING).map(({label}) => label)).toEqual([
        "01:00",
        "03:00",
        "04:00",
    ]);
    expect(minuteOfWall(180, SPRING)).toBe(120);
    // half past two does not exist: the day goes on at three
    expect(minuteOfWall(150, SPRING)).toBe(120);
});

test("the clock repeats an hour in autumn", () => {
    expect(clock(150, AUTUMN)).toBe("02:30");
    expect(clock(210, AUTUMN)).toBe("02:30");
    expect(hourMarks(60, 300, AUTUMN).map(({label}) => label)).toEqual([
        "01:00",
        "02:00",
        "02:00",
        "03:00",
    ]);
    expect(minuteOfWall(150, AUTUMN)).toBe(150);
    expect(minuteOfWall(180, AUTUMN)).toBe(240);
});

test("wall and position are inverse where the clock is unambiguous", () => {
    for (let minute = 0; minute < 1440; minute += 5) {
        expect(minuteOfWall(wallMinute(minute, USUAL), USUAL)).toBe(minute);
    }
});

test("hours as people type them", () => {
    expect(parseClock("9")).toBe(540);
    expect(parseClock("930")).toBe(570);
    expect(parseClock(" 9:30 ")).toBe(570);
    expect(parseClock("21.05")).toBe(1265);
    expect(parseClock("2105")).toBe(1265);
    expect(parseClock("24:00")).toBe(null);
    expect(parseClock("9:75")).toBe(null);
    expect(parseClock("soon")).toBe(null);
});

test("visits that meet stand side by side", () => {
    const lanes = sideBySide([
        visit(1, 540, 600),
        visit(2, 550, 580),
        visit(3, 580, 620),
        visit(4, 620, 640),
    ]);
    expect(lanes.get(1)).toEqual({lane: 0, lanes: 2});
    expect(lanes.get(2)).toEqual({lane: 1, lanes: 2});
    // in the lane that became free
    expect(lanes.get(3)).toEqual({lane: 1, lanes: 2});
    // touching is not meeting
    expect(lanes.get(4)).toEqual({lane: 0, lanes: 1});
});

test("no two visits in a lane overlap, whatever the crowd", () => {
    const visits = [];
    let seed = 7;
    const random = (limit) => {
        seed = (seed * 48271) % 2147483647;
        return seed % limit;
    };
    for (let id = 1; id <= 300; id++) {
        const start = random(1200);
        visits.push(visit(id, start, start + 5 + random(90)));
    }
    const lanes = sideBySide(visits);
    for (const one of visits) {
        for (const other of visits) {
            const overlap =
                one.id < other.id &&
                one.start_minute < other.stop_minute &&
                other.start_minute < one.stop_minute;
            if (overlap) {
                expect(lanes.get(one.id).lane).not.toBe(lanes.get(other.id).lane);
                expect(lanes.get(one.id).lanes).toBe(lanes.get(other.id).lanes);
            }
        }
    }
});

test("legality", () => {
    const spans = [
        [540, 600],
        [660, 660],
    ];
    expect(isLegal(540, spans)).toBe(true);
    expect(isLegal(600, spans)).toBe(true);
    expect(isLegal(601, spans)).toBe(false);
    expect(isLegal(660, spans)).toBe(true);
    expect(isLegal(660, undefined)).toBe(false);
});

test("a visit slips into the nearest possible start", () => {
    const spans = [
        [540, 603],
        [662, 700],
    ];
    expect(attract(605, spans)).toBe(603);
    expect(attract(660, spans)).toBe(662);
    expect(attract(630, spans)).toBe(630);
    expect(attract(550, spans)).toBe(550);
    expect(attract(550, undefined)).toBe(550);
});

test("the column under the pointer", () => {
    expect(columnAt(-5, 300, 3)).toBe(0);
    expect(columnAt(99, 300, 3)).toBe(0);
    expect(columnAt(100, 300, 3)).toBe(1);
    expect(columnAt(999, 300, 3)).toBe(2);
});

test("free time around a position", () => {
    const visits = [visit(1, 540, 570), visit(2, 600, 630)];
    expect(freeAround(580, visits, 480, 1200)).toEqual([570, 600]);
    expect(freeAround(500, visits, 480, 1200)).toEqual([480, 540]);
    expect(freeAround(700, visits, 480, 1200)).toEqual([630, 1200]);
});

test("age on the day of the visit", () => {
    expect(ageOn("2000-03-04", "2026-03-03")).toBe(25);
    expect(ageOn("2000-03-04", "2026-03-04")).toBe(26);
    expect(ageOn(false, "2026-03-04")).toBe(false);
});
