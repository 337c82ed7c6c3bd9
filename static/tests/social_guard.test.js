import { expect, test } from "@odoo/hoot";

import {
    guardConcern,
    ICONS,
    privateWay,
    without,
    wordsAt,
} from "@helpdesk_social/guard/guard_finds";

const find = (start, end, more = {}) => ({ kind: "phone", start, end, file: 0, ...more });

test("a place counts characters, not halves of them", () => {
    const text = "👋👩‍👧 call 123 now";
    const length = Array.from(text).length;
    const start = Array.from("👋👩‍👧 call ").length;
    expect(wordsAt(text, find(start, start + 3), length)).toBe("123");
    expect(without(text, find(start, start + 3), length)).toBe("👋👩‍👧 call now");
});

test("places of another text are worth nothing", () => {
    expect(wordsAt("call 1234", find(5, 8), 8)).toBe(null);
    expect(without("call 1234", find(5, 8), 8)).toBe(null);
    expect(without("", find(0, 3), 3)).toBe(null);
});

test("the gap is closed", () => {
    expect(without("123 now", find(0, 3), 7)).toBe("now");
    expect(without("call 123", find(5, 8), 8)).toBe("call ");
    expect(without("call\n123  now", find(5, 8), 13)).toBe("call\nnow");
    expect(without("call 123, now", find(5, 8), 13)).toBe("call , now");
});

test("only the guard's own concern counts, and only with finds", () => {
    const own = { code: "guard", details: { finds: [find(0, 1)] } };
    const empty = { code: "guard", details: {} };
    const other = { code: "approval", details: { finds: [find(0, 1)] } };
    expect(guardConcern({ concerns: [other, empty, own] })).toBe(own);
    expect(guardConcern({ concerns: [other, empty] })).toBe(undefined);
});

test("the private way is to the same message, else to the same person", () => {
    const option = { id: "p", audience: "public", message_id: 1, person_id: 7 };
    const way = (id, message_id, person_id, more) => ({
        id,
        audience: "private",
        allowed: true,
        message_id,
        person_id,
        ...more,
    });
    const choose = (...options) => privateWay({ option, props: { options } })?.id;
    expect(choose(option, way("a", 2, 7), way("b", 1, 7))).toBe("b");
    expect(choose(option, way("a", 2, 7), way("b", 1, 7, { allowed: false }))).toBe("a");
    expect(choose(option, way("a", 2, 8))).toBe(undefined);
    expect(choose(option, { ...way("a", 1, 7), audience: "group" })).toBe(undefined);
});

test("every kind has an icon of its own", () => {
    const icons = Object.values(ICONS);
    expect(new Set(icons).size).toBe(icons.length);
});
