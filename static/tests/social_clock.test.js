import { describe, expect, test } from "@odoo/hoot";
import { click, edit, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";

import { makeMockEnv, mountWithCleanup } from "@web/../tests/web_test_helpers";

import { ClockFace } from "@helpdesk_social/clock/clock_face";
import { dueIn, length } from "@helpdesk_social/clock/clock_time";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2026, 0, 1, 12);

function clock(values = {}) {
    return {
        id: 1,
        kind: "first_public",
        label: "First public answer",
        due: "2026-01-01 13:00:00",
        warn: "2026-01-01 12:45:00",
        since: "2026-01-01 11:00:00",
        paused: false,
        person_id: 1,
        conversation_id: 1,
        ...values,
    };
}

test("lengths of time in words", async () => {
    await makeMockEnv();
    for (const [ms, words] of [
        [0, "0 s"],
        [59.9 * SECOND, "59 s"],
        [MINUTE, "1 min"],
        [59 * MINUTE, "59 min"],
        [HOUR, "1 h"],
        [HOUR + 5 * MINUTE, "1 h 5 min"],
        [14 * HOUR + 11 * MINUTE, "14 h"],
        [24 * HOUR, "1 d"],
        [52 * HOUR, "2 d 4 h"],
        [300 * HOUR, "12 d"],
    ]) {
        expect(length(ms)).toBe(words);
    }
});

test("a deadline says the same in words, by its icon and by its colour", async () => {
    await makeMockEnv();
    const early = dueIn(clock(), NOON);
    expect([early.words, early.icon]).toEqual(["in 1 h", "fa-clock-o"]);
    const soon = dueIn(clock(), NOON + 50 * MINUTE);
    expect([soon.words, soon.icon]).toEqual(["in 10 min", "fa-hourglass-end"]);
    expect(soon.tone).toMatch(/warning/);
    const late = dueIn(clock(), NOON + 64 * MINUTE);
    expect([late.words, late.icon]).toEqual(["4 min late", "fa-exclamation-triangle"]);
    expect(late.tone).toMatch(/danger/);
    expect(dueIn(clock({ paused: true, due: false }), NOON).words).toBe("paused");
    expect(dueIn(clock({ due: false }), NOON).next).toBe(0);
});

test("words stay as long as they say they do", async () => {
    await makeMockEnv();
    for (let left = -3 * HOUR; left <= 3 * HOUR; left += 7919) {
        const now = NOON + HOUR - left;
        const face = dueIn(clock({ warn: false }), now);
        expect(face.next).toBeGreaterThan(0);
        expect(dueIn(clock({ warn: false }), now + face.next).words).not.toBe(face.words);
        if (face.next > 2) {
            expect(dueIn(clock({ warn: false }), now + face.next - 2).words).toBe(face.words);
        }
    }
});

test("it counts down by itself", async () => {
    mockDate("2026-01-01 12:57:58", 0);
    await mountWithCleanup(ClockFace, { props: { clock: clock(), kind: true } });
    expect(".o_social_clock_words").toHaveText("in 2 min");
    await advanceTime(4 * SECOND);
    expect(".o_social_clock_words").toHaveText("in 1 min");
    await advanceTime(MINUTE);
    expect(".o_social_clock_words").toHaveText(/^in 5[67] s$/);
    await advanceTime(SECOND);
    expect(".o_social_clock_words").toHaveText(/^in 5[56] s$/);
    await advanceTime(57 * SECOND);
    expect(".o_social_clock_words").toHaveText(/^[01] s late$/);
    expect(".o_social_clock .fa").toHaveClass("fa-exclamation-triangle");
    expect(".o_social_clock").toHaveAttribute("role", "timer");
    expect(".o_social_clock").toHaveAttribute("aria-label", /First public answer, due .* late$/);
});

test("the page's bar shows who is to be answered by when", async () => {
    mockDate("2026-01-01 12:00:00", 0);
    const payload = timeline([message(1, { waiting: true })], {
        clocks: [
            clock({ id: 2, person_id: 2, kind: "next", label: "Next answer", due: "2026-01-01 11:56:00" }),
            clock({ due: "2026-01-01 13:00:30" }),
            clock({ id: 3, kind: "resolution", label: "Resolution", due: false, paused: true }),
        ],
    });
    payload.people[2] = { ...payload.people[1], id: 2, name: "Dan", handle: "@dan" };
    await mountTimeline({ social_timeline: () => payload });
    expect(queryAllTexts(".o_social_clock_bar .o_social_clock_words")).toEqual(["4 min late"]);
    expect(".o_social_clock_bar button").toHaveText("2 more");
    await click(".o_social_clock_bar button");
    await animationFrame();
    expect(queryAllTexts(".o_social_clock_words")).toEqual(["4 min late", "in 1 h", "paused"]);
    expect(queryAllTexts(".o_social_clock_who")).toEqual(["@dan", "@ann", "@ann"]);
    expect(".o_social_clock_bar .o_social_clock").toHaveCount(3);
    expect(".o_social_clock_bar button").toHaveAttribute("aria-expanded", "true");
});

test("two alike of one person say which is public", async () => {
    mockDate("2026-01-01 12:00:00", 0);
    const alike = { kind: "resolution", label: "Resolution" };
    const payload = timeline([message(1)], {
        clocks: [
            clock({ ...alike, audience: "public" }),
            clock({ id: 2, ...alike, audience: "private", conversation_id: 2 }),
            clock({ id: 3, kind: "next", label: "Next answer", audience: "public" }),
            clock({ id: 4, ...alike, audience: "public", person_id: 2 }),
        ],
    });
    payload.people[2] = { ...payload.people[1], id: 2, name: "Dan", handle: "@dan" };
    await mountTimeline({ social_timeline: () => payload });
    await click(".o_social_clock_bar button");
    await animationFrame();
    const lines = queryAllTexts(".o_social_clock").map((line) => line.replace(/\s+/g, " "));
    expect(lines[0]).toMatch(/^Resolution \(Public\) ?@ann/);
    expect(lines[1]).toMatch(/^Resolution \(Private\) ?@ann/);
    expect(lines[2]).toMatch(/^Next answer ?@ann/);
    expect(lines[3]).toMatch(/^Resolution ?@dan/);
    expect(".o_social_clock:eq(1)").toHaveAttribute("aria-label", /, Private, @ann: in /);
});

test("without clocks there is nothing of them", async () => {
    await mountTimeline({ social_timeline: () => timeline([message(1)]) });
    expect(".o_social_clock").toHaveCount(0);
    expect(".o_social_holding").toHaveCount(0);
});

test("an answer may be no more than a holding statement", async () => {
    const page = await mountTimeline({
        social_timeline: () => timeline([message(1, { waiting: true })]),
        social_composer: () =>
            composer([option("public", 1)], { default: "public:1:1", desk: { clock: true } }),
        social_timeline_changes: () => timeline([message(1)]),
        social_send: () => ({ ok: true, message_ids: [2] }),
    });
    await click(".o_social_composer textarea");
    await edit("We are at it");
    await animationFrame();
    expect(".o_social_holding input").not.toBeChecked();
    await click(".o_social_holding input");
    await animationFrame();
    await click(".o_social_send");
    await animationFrame();
    const [sent] = page.named("social_send");
    expect(sent.args[5]).toEqual({ holding: true });
});

test("what was said is marked as holding statement, and back", async () => {
    const said = (holding) =>
        message(2, { direction: "out", origin: "agent", holding, delivery: { state: "sent", label: "Sent" } });
    let holding = false;
    const page = await mountTimeline({
        social_timeline: () => timeline([message(1, { waiting: true }), said(holding)]),
        action_holding: (value) => {
            holding = value;
            return true;
        },
    });
    await click(".o_social_message:last .o_social_more");
    await animationFrame();
    await click(".o-dropdown-item:contains(holding statement)");
    await animationFrame();
    expect(page.named("action_holding")[0].args).toEqual([true]);
    expect(page.named("social_timeline").length).toBeGreaterThan(1);
});
