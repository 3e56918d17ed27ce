export const CARD = {width: 230, height: 104};
const GAP = {x: 50, y: 64};

/**
 * Places for the steps of a journey: rows by the longest way from the start, lanes to
 * the right for what happens otherwise. Plain data in, plain data out.
 *
 * @param {Object[]} nodes with id, next and else
 * @param {number|false} first
 * @returns {{places: Object, width: number, height: number, arrows: Object[]}}
 */
export function layoutFlow(nodes, first) {
    const byId = Object.fromEntries(nodes.map((node) => [node.id, node]));
    const ways = (node) => [node.next, node.else].filter((id) => id && byId[id]);
    const rows = {};
    const descend = (id, row) => {
        if ((rows[id] ?? -1) < row) {
            rows[id] = row;
            ways(byId[id]).forEach((next) => descend(next, row + 1));
        }
    };
    const lanes = {};
    let widest = 0;
    const spread = (id, lane) => {
        if (id in lanes) {
            return;
        }
        lanes[id] = lane;
        const {next, else: otherwise} = byId[id];
        if (next && byId[next]) {
            spread(next, lane);
        }
        if (otherwise && byId[otherwise] && !(otherwise in lanes)) {
            widest += 1;
            spread(otherwise, widest);
        }
    };
    if (first && byId[first]) {
        descend(first, 0);
        spread(first, 0);
    }
    const lost = nodes.filter((node) => !(node.id in rows));
    lost.forEach((node, index) => {
        rows[node.id] = index;
        lanes[node.id] = widest + 1;
    });

    const places = {};
    for (const node of nodes) {
        places[node.id] = {
            x: lanes[node.id] * (CARD.width + GAP.x),
            y: rows[node.id] * (CARD.height + GAP.y),
            isLost: lost.includes(node),
        };
    }
    const all = Object.values(places);
    const arrows = [];
    for (const node of nodes) {
        const isFork = node.kind === "condition";
        const isEnd = ["goal", "exit"].includes(node.kind);
        for (const way of isEnd ? [] : isFork ? ["next", "else"] : ["next"]) {
            arrows.push(arrow(node, way, places, isFork));
        }
    }
    return {
        places,
        arrows,
        width: Math.max(0, ...all.map((place) => place.x)) + CARD.width + 80,
        height: Math.max(0, ...all.map((place) => place.y)) + CARD.height + 70,
    };
}

function arrow(node, way, places, isFork) {
    const from = places[node.id];
    const to = places[node[way]];
    const shift = isFork ? (way === "next" ? -60 : 60) : 0;
    const start = {x: from.x + CARD.width / 2 + shift, y: from.y + CARD.height};
    const stop = to
        ? {x: to.x + CARD.width / 2, y: to.y - 4}
        : {x: start.x, y: start.y + 34};
    const bend = Math.max(24, Math.min(60, (stop.y - start.y) / 2));
    return {
        key: `${node.id}-${way}`,
        id: node.id,
        way,
        isOpen: !to,
        isFork,
        path:
            `M ${start.x} ${start.y} C ${start.x} ${start.y + bend},` +
            ` ${stop.x} ${stop.y - bend}, ${stop.x} ${stop.y}`,
        middle: {x: start.x, y: start.y + 20},
    };
}
