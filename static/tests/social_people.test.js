import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";

import { makeServerError } from "@web/../tests/web_test_helpers";

import { concerns, writers } from "@helpdesk_social/people/people_rules";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const who = (id, name) => ({
    id,
    name,
    handle: `@${name.toLowerCase()}`,
    url: "",
    avatar: "",
    verified: false,
    bot: false,
    shared: false,
    followers: 0,
    partner: id === 2 && { id: 3, name: "Bob & Co" },
});
const LABELS = { 1: who(1, "Ann"), 2: who(2, "Bob") };
const person = (id, values = {}) => ({
    id,
    role: "opener",
    invited: false,
    count: 1,
    waiting: 0,
    last: "2026-01-01 10:00:00",
    audiences: ["public"],
    accounts: [1],
    conversations: [id],
    message_id: id,
    audience: "public",
    ...values,
});
const both = (values = {}) => ({
    total: 2,
    waiting: 1,
    people: [
        person(2, { role: "bystander", waiting: 1, invited: true, audiences: ["public", "private"] }),
        person(1),
    ],
    labels: LABELS,
    ...values,
});
const two = (values) =>
    timeline([message(1), message(2, { person_id: 2, waiting: true })], {
        people: LABELS,
        participants: both(),
        ...values,
    });

test("one person: there is no strip, and nobody asks", async () => {
    const { named } = await mountTimeline({
        social_timeline: () => timeline([message(1)]),
        social_composer: () => composer([]),
    });
    await advanceTime(2000);
    expect(".o_social_people").toHaveCount(0);
    expect(named("social_people")).toHaveLength(0);
});

test("two people: who they are, who waits, without asking", async () => {
    mockDate("2026-01-01 12:00:00", +0);
    const { named } = await mountTimeline({
        social_timeline: () => two(),
        social_composer: () => composer([]),
    });
    expect(".o_social_people_toggle").toHaveText("2 people, one waits for us");
    expect(queryAllTexts(".o_social_person_chip > .text-truncate")).toEqual(["Bob", "Ann"]);
    await advanceTime(2000);
    expect(named("social_people")).toHaveLength(0);
    await click(".o_social_people_toggle");
    await animationFrame();
    expect(".o_social_people_toggle").toHaveAttribute("aria-expanded", "true");
    expect(".o_social_person").toHaveCount(2);
    const words = queryOne(".o_social_person:first").textContent;
    for (const part of ["Bob", "@bob", "joined in", "invited into private", "Public", "Private", "Fake", "1 waiting", "2 h", "Bob & Co"]) {
        expect(words).toInclude(part);
    }
});

test("only one of them, by keyboard, and all again", async () => {
    await mountTimeline({
        social_timeline: () => two(),
        social_composer: () => composer([]),
    });
    queryOne(".o_social_person_chip:contains(Bob)").focus();
    await press("Enter");
    await animationFrame();
    expect(queryAllTexts(".o_social_message .o_social_text")).toEqual(["text 2"]);
    expect(".o_social_person_chip:contains(Bob)").toHaveAttribute("aria-pressed", "true");
    expect(".o_social_people_only").toHaveText(/Only Bob/);
    await click(".o_social_people_only .btn");
    await animationFrame();
    expect(".o_social_message").toHaveCount(2);
    expect(".o_social_people_only").toHaveCount(0);
});

test("a filter that shows nothing looks further up", async () => {
    const { named } = await mountTimeline({
        social_timeline: ({ before }) =>
            before
                ? timeline([message(1), message(2, { person_id: 2 })], { people: LABELS })
                : timeline([message(3)], {
                      people: LABELS,
                      participants: both(),
                      has_more: true,
                      before: "x|3",
                  }),
        social_composer: () => composer([]),
    });
    await click(".o_social_person_chip:contains(Bob)");
    await animationFrame();
    await animationFrame();
    expect(named("social_timeline").at(-1).kwargs.before).toBe("x|3");
    expect(queryAllTexts(".o_social_message .o_social_text")).toEqual(["text 2"]);
});

test("answering somebody opens the composer on their newest message", async () => {
    const { named } = await mountTimeline({
        social_timeline: () => two(),
        social_composer: () => composer([option("public", 2), option("public", 1)]),
    });
    await click(".o_social_people_toggle");
    await animationFrame();
    await click(".o_social_person:first .btn:contains(Answer)");
    await animationFrame();
    await animationFrame();
    expect(named("social_composer").at(-1).args[0]).toBe(2);
    expect(".o_social_composer.o_social_public textarea").toHaveCount(1);
});

test("somebody new: the people are asked for once, after the burst", async () => {
    const { hear, named } = await mountTimeline({
        social_timeline: () => two(),
        social_composer: () => composer([]),
        social_timeline_changes: (ids) =>
            timeline(
                ids.map((id) => message(id, { person_id: id })),
                { people: { ...LABELS, 3: who(3, "Cat"), 4: who(4, "Dan") }, waiting: 3 }
            ),
        social_people: () => both({ total: 4, waiting: 3 }),
    });
    await hear([3]);
    await hear([4]);
    await animationFrame();
    expect(named("social_people")).toHaveLength(0);
    await advanceTime(1000);
    await animationFrame();
    expect(named("social_people")).toHaveLength(1);
    expect(".o_social_people_toggle").toHaveText("4 people, 3 wait for us");
});

test("split off: asked first, and what is refused is said", async () => {
    const { named } = await mountTimeline({
        social_timeline: () => two(),
        social_composer: () => composer([]),
        social_split: () => {
            throw makeServerError({ message: "Nothing would be left on this ticket." });
        },
    });
    await click(".o_social_people_toggle");
    await animationFrame();
    await click(".o_social_person:first .btn:contains(Split off)");
    await animationFrame();
    expect(named("social_split")).toHaveLength(0);
    await click(".modal .btn-primary");
    await animationFrame();
    await animationFrame();
    expect(named("social_split")[0].args[0]).toBe(2);
    expect(".o_social_people [role=alert]").toHaveText("Nothing would be left on this ticket.");
});

test("what was split off can be opened and taken back", async () => {
    const move = { id: 9, kind: "split", here: false, person: "@bob", ticket_id: 8, number: "HT8", at: "2026-01-01 11:00:00", left: 0 };
    const { named } = await mountTimeline({
        social_timeline: () => timeline([message(1)]),
        social_composer: () => composer([], { desk: { moves: [move] } }),
        social_take_back_move: () => ({ ticket_id: 7 }),
    });
    expect(".o_social_move").toHaveText(/@bob was split off into HT8/);
    await click(".o_social_move .btn:contains(Take back)");
    await animationFrame();
    expect(named("social_take_back_move")[0].args[0]).toBe(9);
});

test("whose matter a message is", () => {
    const mine = concerns(person(2, { conversations: [5, 6] }), {
        5: { audience: "private" },
        6: { audience: "public" },
    });
    expect(mine(message(1, { person_id: 2 }))).toBe(true);
    expect(mine(message(2, { person_id: 1, conversation_id: 6 }))).toBe(false);
    const out = { direction: "out", person_id: false };
    expect(mine(message(3, { ...out, parent: { person_id: 2 } }))).toBe(true);
    expect(mine(message(4, { ...out, conversation_id: 5 }))).toBe(true);
    expect(mine(message(5, { ...out, conversation_id: 6 }))).toBe(false);
    expect([...writers([message(1), message(2, { context: true, person_id: 3 })])]).toEqual([1]);
});
