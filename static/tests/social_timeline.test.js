import { describe, expect, getFixture, test } from "@odoo/hoot";
import { click, pointerDown, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";

import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import { COALESCE_MS } from "@helpdesk_social/social_timeline/social_live_service";

import {
    absent,
    composer,
    defineSocialModels,
    fakeLive,
    message,
    mountTimeline,
    option,
    timeline,
} from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

test("an empty ticket says what will be here", async () => {
    await mountTimeline();
    expect(".o_social_empty").toHaveText(/No messages yet/);
    expect(".o_social_composer textarea").toHaveCount(0);
});

test("a message shows who, where, for whom and what", async () => {
    await mountTimeline({
        social_timeline: () =>
            timeline([
                message(1, {
                    text: "<b>bold</b>\nsee https://example.com/x.",
                    permalink: "https://fake.example/1",
                    why: "Opened this ticket",
                    reactions: [["👍", 3]],
                }),
                message(2, { audience: "private", direction: "out", user_id: 5 }),
            ]),
    });
    expect(".o_social_message").toHaveCount(2);
    expect(".o_social_message:first .o_social_chip").toHaveText("Public");
    expect(".o_social_message:last .o_social_chip").toHaveText("Private");
    expect(".o_social_message:first .o_social_name").toHaveText("Ann");
    expect(".o_social_message:last .o_social_name").toHaveText("Marta");
    expect(".o_social_message:last .o_social_handle").toHaveText("as @acme");
    // text is text
    expect(".o_social_text b").toHaveCount(0);
    expect(".o_social_text:first").toHaveText(/<b>bold<\/b>/);
    expect(".o_social_text:first a").toHaveAttribute("href", "https://example.com/x");
    expect(".o_social_text:first a").toHaveAttribute("rel", "noopener noreferrer nofollow");
    expect(".o_social_text:first").toHaveAttribute("dir", "auto");
    expect(".o_social_notes:first").toHaveText(/Opened this ticket/);
});

test("hostile addresses become no links", async () => {
    const payload = timeline([
        message(1, {
            permalink: "javascript:alert(1)",
            text: "javascript:alert(1)",
            media: [absent({ url: "javascript:alert(1)", words: "Not fetched" })],
        }),
    ]);
    payload.people[1].url = "javascript:alert(1)";
    payload.people[1].avatar = "";
    await mountTimeline({ social_timeline: () => payload });
    const targets = queryAll(".o_social_message a").map((link) => link.getAttribute("href"));
    expect(targets.filter((href) => href && !href.startsWith("http"))).toEqual([]);
    expect(".o_social_file").toHaveText(/Not fetched/);
});

test("warnings and deleted messages are folded until asked for", async () => {
    await mountTimeline({
        social_timeline: () =>
            timeline([
                message(1, { warning: "spiders", text: "eight legs" }),
                message(2, { deleted_at: "2026-01-01 11:00:00", deleted_by: "author", text: "" }),
            ]),
    });
    expect(".o_social_warning").toHaveText("spiders");
    expect(".o_social_text").toHaveCount(0);
    expect(".o_social_tombstone").toHaveText(/The author deleted this message/);
    await click(".o_social_unfold");
    await animationFrame();
    expect(".o_social_text").toHaveText("eight legs");
});

test("what was said above stands above, dimmed and without buttons", async () => {
    await mountTimeline({
        social_timeline: () =>
            timeline([message(2, { above: [1] })], {
                above: [message(1, { context: true, text: "the first post" })],
            }),
    });
    expect(".o_social_above .o_social_message").toHaveClass("o_social_dim");
    expect(".o_social_above .o_social_text").toHaveText("the first post");
    expect(".o_social_above .o_social_actions").toHaveCount(0);
    expect(queryAllTexts(".o_social_text")).toEqual(["the first post", "text 2"]);
});

test("delivery is told in words, with what a person may decide", async () => {
    const { named } = await mountTimeline({
        social_timeline: () =>
            timeline([
                message(1, {
                    direction: "out",
                    delivery: {
                        state: "failed",
                        label: "Failed",
                        error: "The text is too long.",
                        next_try_at: false,
                        part: 2,
                        parts: 3,
                    },
                }),
            ]),
        social_timeline_changes: () => timeline([message(1, { direction: "out" })]),
        action_retry: () => true,
    });
    expect(".o_social_delivery").toHaveText("Failed · part 2 of 3");
    expect(".o_social_error").toHaveText("The text is too long.");
    expect(queryAllTexts(".o_social_actions > .btn")).toEqual(["Send again", "Do not send", ""]);
    await click(".o_social_actions > .btn:contains(Send again)");
    await animationFrame();
    expect(named("action_retry")).toHaveLength(1);
});

test("an uncertain reply is sent again only after a warning", async () => {
    const { named } = await mountTimeline({
        social_timeline: () =>
            timeline([
                message(1, {
                    direction: "out",
                    delivery: {
                        state: "uncertain",
                        label: "Uncertain",
                        error: "",
                        next_try_at: false,
                        part: 1,
                        parts: 1,
                    },
                }),
            ]),
        action_retry: () => true,
        social_timeline_changes: () => timeline([]),
    });
    await click(".o_social_actions > .btn:contains(Send again)");
    await animationFrame();
    expect(named("action_retry")).toHaveLength(0);
    expect(".modal").toHaveText(/gets it twice/);
    await click(".modal .btn-primary");
    await animationFrame();
    expect(named("action_retry")).toHaveLength(1);
});

test("a refusal of an action is shown on its message", async () => {
    await mountTimeline({
        social_timeline: () => timeline([message(1, { waiting: true }), message(2)], { waiting: 1 }),
    });
    onRpc("action_handled", () => {
        throw makeServerError({ message: "You may not do this." });
    });
    expect(".o_social_bar").toHaveText(/1 message waits for us/);
    await click(".o_social_message:first .btn:contains(No answer needed)");
    await animationFrame();
    expect(".o_social_message:first .o_social_error").toHaveText("You may not do this.");
    expect(".o_social_message:last .o_social_error").toHaveCount(0);
});

test("the menu asks what may be done, and says why not", async () => {
    await mountTimeline({
        social_timeline: () => timeline([message(1)]),
        social_affordances: () => [
            { kind: "like", allowed: true, reason: "", remaining: 3, cost: "$0.01" },
            { kind: "delete", allowed: false, reason: "It is too old for that.", remaining: 0 },
        ],
    });
    await click(".o_social_more");
    await animationFrame();
    expect(queryAllTexts(".o-dropdown-item")).toEqual([
        "Like\n3 more · costs $0.01",
        "Delete on the network\nIt is too old for that.",
        "Move to private…",
    ]);
});

test("earlier messages come on demand and in order", async () => {
    await mountTimeline({
        social_timeline: (kwargs) =>
            kwargs.before
                ? timeline([message(1), message(2)])
                : timeline([message(3)], { has_more: true, before: "x|3" }),
    });
    expect(queryAllTexts(".o_social_text")).toEqual(["text 3"]);
    await click(".o_social_scroller .btn:contains(Earlier messages)");
    await animationFrame();
    expect(queryAllTexts(".o_social_text")).toEqual(["text 1", "text 2", "text 3"]);
    expect(".btn:contains(Earlier messages)").toHaveCount(0);
});

test("news arrive live, by ids", async () => {
    const { named, hear } = await mountTimeline({
        social_timeline: () => timeline([message(1)]),
        social_timeline_changes: (ids) => timeline(ids.map((id) => message(id))),
    });
    await hear([2, 3]);
    await animationFrame();
    expect(named("social_timeline_changes").map((call) => call.args[0])).toEqual([[2, 3]]);
    expect(queryAllTexts(".o_social_text")).toEqual(["text 1", "text 2", "text 3"]);
    // a storm is not named: look at everything again
    await hear(false);
    await animationFrame();
    expect(named("social_timeline")).toHaveLength(2);
});

test("a burst of notices becomes one question, other tickets none", async () => {
    const { live, notify } = fakeLive();
    const stop = live.listen(7, (ids) => expect.step(ids ? ids.join() : "everything"));
    notify({ ticket_ids: [7], message_ids: [1] });
    notify({ ticket_ids: [7, 8], message_ids: [1, 2] });
    notify({ ticket_ids: [8], message_ids: [3] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps(["1,2"]);
    notify({ ticket_ids: [7], message_ids: [4] });
    notify({ ticket_ids: [7], message_ids: false });
    notify({ ticket_ids: [7], message_ids: [5] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps(["everything"]);
    notify({ ticket_ids: [7], message_ids: [6] });
    stop();
    await advanceTime(COALESCE_MS);
    expect.verifySteps([]);
});

test("news do not take away what is being written", async () => {
    const { all, hear } = await mountTimeline({
        social_timeline: () => timeline([message(1, { audience: "private" })]),
        social_composer: () =>
            composer([option("private", 1)], { default: "private:1:1", seen: { 1: 1 } }),
        social_timeline_changes: (ids) => timeline(ids.map((id) => message(id))),
    });
    const area = queryOne(".o_social_composer textarea");
    area.value = "half a sentence";
    area.dispatchEvent(new Event("input", { bubbles: true }));
    all.social_composer = () => composer([option("private", 2)], { seen: { 1: 2 } });
    await hear([2]);
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("half a sentence");
    expect(".o_social_composer_target").toHaveText(/text 2/);
});

test("colleagues' notes join the line when asked for", async () => {
    await mountTimeline({
        social_timeline: () => timeline([message(1), message(20)]),
        social_notes: () => [
            { id: 4, at: "2026-01-01 10:00:10", author: "Marta", avatar: "", text: "<i>psst</i>" },
        ],
    });
    await click(".o_social_bar .btn:contains(Notes)");
    await animationFrame();
    expect(queryAllTexts(".o_social_text")).toEqual(["text 1", "<i>psst</i>", "text 20"]);
    await click(".o_social_bar .btn:contains(Notes)");
    await animationFrame();
    expect(".o_social_colleague").toHaveCount(0);
});

test("a post is added by its address, refusals are shown there", async () => {
    const { named } = await mountTimeline({
        social_timeline: () => timeline([], { may_add: true }),
        social_pull_permalink: () => true,
    });
    await click(".o_social_bar .btn:contains(Add by link)");
    await animationFrame();
    const input = queryOne(".modal input");
    const type = (text) => {
        input.value = text;
        input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    type("javascript:alert(1)");
    await click(".modal .btn-primary");
    await animationFrame();
    expect(".modal [role=alert]").toHaveText(/whole address/);
    expect(named("social_pull_permalink")).toHaveLength(0);
    type("https://fake.example/5");
    await click(".modal .btn-primary");
    await animationFrame();
    expect(named("social_pull_permalink")[0].args).toEqual(["https://fake.example/5"]);
    expect(".modal").toHaveCount(0);
});

/** A form in a window of 500 pixels, with ``above`` pixels of fields before the page. */
async function mountInForm(above, messages) {
    const form = document.createElement("div");
    form.style.cssText = "height: 500px; overflow-y: auto; position: relative";
    const fields = document.createElement("div");
    fields.style.height = `${above}px`;
    const field = document.createElement("input");
    fields.append(field);
    const below = document.createElement("div");
    below.style.height = "900px";
    form.append(fields, below);
    getFixture().append(form);
    const answers = {
        social_timeline: () => timeline(messages),
        social_composer: () =>
            composer(messages.length ? [option("public", messages.at(-1).id)] : []),
    };
    const target = document.createElement("div");
    fields.after(target);
    return { form, field, mount: () => mountTimeline(answers, target) };
}

const talk = Array.from({ length: 12 }, (_value, index) => message(index + 1));

function inView(selector, form) {
    const box = form.getBoundingClientRect();
    const { top, bottom } = queryOne(selector).getBoundingClientRect();
    return top >= box.top && bottom <= box.bottom;
}

test("an opened ticket shows its last message and the composer under a tall form", async () => {
    const { form, mount } = await mountInForm(440, talk);
    await mount();
    await animationFrame();
    expect(form.scrollTop).toBeGreaterThan(200);
    expect(inView(".o_social_message:last", form)).toBe(true);
    expect(inView(".o_social_composer", form)).toBe(true);
});

test("a form that leaves room is not moved", async () => {
    const { form, mount } = await mountInForm(40, talk);
    await mount();
    await animationFrame();
    expect(form.scrollTop).toBe(0);
});

test("a ticket without messages stays where it opened", async () => {
    const { form, mount } = await mountInForm(440, []);
    await mount();
    await animationFrame();
    expect(form.scrollTop).toBe(0);
});

test("the page does not move under somebody who writes in a field above", async () => {
    const { form, field, mount } = await mountInForm(440, talk);
    field.focus();
    await mount();
    await animationFrame();
    expect(form.scrollTop).toBe(0);
});

test("once somebody has touched the form, what comes later moves nothing", async () => {
    const { form, mount } = await mountInForm(40, talk);
    await mount();
    await animationFrame();
    await pointerDown(form);
    form.firstChild.style.height = "440px";
    window.dispatchEvent(new Event("resize"));
    await animationFrame();
    expect(form.scrollTop).toBe(0);
});

test("the next ticket without messages opens at its top again", async () => {
    const { form, mount } = await mountInForm(440, talk);
    const { record } = await mount();
    await animationFrame();
    expect(form.scrollTop).toBeGreaterThan(200);
    record.data = { social_page: { timeline: timeline([]), composer: composer([]) } };
    record.resId = 8;
    await animationFrame();
    expect(form.scrollTop).toBe(0);
});
