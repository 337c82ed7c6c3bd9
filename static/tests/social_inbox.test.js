import { describe, expect, test } from "@odoo/hoot";
import { click, edit, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, runAllTimers } from "@odoo/hoot-mock";

import {
    makeMockEnv,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { browser } from "@web/core/browser/browser";
import { getDefaultConfig } from "@web/views/view";

import { SocialInbox } from "@helpdesk_social/inbox/inbox";
import { meaning } from "@helpdesk_social/inbox/inbox_keys";
import { InboxList } from "@helpdesk_social/inbox/inbox_list";
import { COALESCE_MS } from "@helpdesk_social/social_timeline/social_live_service";

import {
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

function row(id, values = {}) {
    return {
        id,
        who: `Person ${id}`,
        handle: `@p${id}`,
        person_id: id,
        avatar: "",
        verified: false,
        shared: false,
        blocked: false,
        network: { id: 1, code: "fake", name: "Fake", icon: "", color: "#123456", can: [] },
        account: "@acme",
        audience: "public",
        preview: `says ${id}`,
        files: 0,
        at: "2026-01-01 10:00:00",
        since: "2026-01-01 10:00:00",
        deadline: false,
        waiting: true,
        deleted: false,
        thanks: false,
        handled: "",
        why: "",
        rules: [],
        rule_wrong: false,
        ticket: false,
        hidden_ticket: false,
        ...values,
    };
}

/** A server with these rows; what was done there is in `calls`. */
async function mountInbox(parts, answers = {}) {
    const calls = [];
    const server = { waiting: [], loose: [], aside: [], ...parts };
    const all = {
        get_list: (part) => ({
            rows: server[part],
            has_more: false,
            counts: Object.fromEntries(
                ["waiting", "loose", "aside"].map((one) => [one, server[one].length])
            ),
            now: "2026-01-01 12:00:00",
            reasons: [["thanks", "A thank-you"]],
        }),
        get_message: (id) => {
            const found = Object.values(server).flat().find((one) => one.id === id);
            return (
                found && {
                    row: found,
                    timeline: timeline([message(id)]),
                    why: "Opened this ticket\nRule “Spam”: contains “pills”",
                    author: {
                        id: 1,
                        name: found.who,
                        handle: found.handle,
                        url: "",
                        followers: 12,
                        verified: false,
                        bot: false,
                        shared: false,
                        messages: 3,
                        blocked_at: found.blocked && "2026-01-01 11:00:00",
                        blocked_by: "Marta",
                        there: found.there ?? {
                            means: "",
                            allowed: false,
                            reason: "",
                            cost: "",
                            done: [],
                        },
                    },
                    tickets: [],
                }
            );
        },
        act: (name, ids) => {
            for (const part of ["waiting", "loose"]) {
                server[part] = server[part].filter((one) => !ids.includes(one.id));
            }
            return { done: ids, left: 0, undo: 9, tickets: [] };
        },
        take_back: () => [],
        find_tickets: () => [
            { id: 7, number: "HT7", name: "Lamp", stage: "New", team: "", who: "", own: true },
            { id: 8, number: "HT8", name: "Other", stage: "New", team: "", who: "", own: false },
        ],
        ...answers,
    };
    for (const [name, answer] of Object.entries(all)) {
        onRpc("helpdesk.social.inbox", name, ({ args }) => {
            calls.push([name, ...args]);
            return answer(...args);
        });
    }
    let hear;
    mockService("helpdesk_social_live", {
        listenAll(callback) {
            hear = callback;
            return () => {};
        },
    });
    const actions = [];
    mockService("action", { doAction: (action) => actions.push(action) });
    await makeMockEnv({ config: getDefaultConfig() });
    await mountWithCleanup(SocialInbox, { props: { action: {}, actionId: 1 } });
    await animationFrame();
    const named = (name) => calls.filter(([one]) => one === name).map(([, ...args]) => args);
    return { actions, calls, hear: () => hear([1]), named, server };
}

const current = () => queryOne(".o_inbox_current").dataset.id;

test("the first that waits is open, with who, why and what may be done", async () => {
    await mountInbox({ waiting: [row(1, { ticket: { id: 7, number: "HT7", name: "Lamp" } }), row(2)] });
    expect(".o_inbox_row").toHaveCount(2);
    expect(current()).toBe("1");
    expect(".o_inbox_part.active").toHaveText(/Waiting for us\s*2/);
    expect(".o_inbox_author").toHaveText(/12 followers · 3 messages/);
    expect(queryAllTexts(".o_inbox_reasons li")).toEqual([
        "Opened this ticket",
        "Rule “Spam”: contains “pills”",
    ]);
    expect(queryAllTexts(".o_inbox_acts .btn").filter(Boolean)).toEqual([
        "Messages",
        "Answer in HT7",
        "Handled",
        "Ignore",
        "Block the author",
    ]);
    expect(".o_inbox_act[data-act=handled]").toHaveAttribute("title", "Handled (h)");
});

test("when nobody waits, what has no ticket is shown; and empty is said in words", async () => {
    await mountInbox({ loose: [row(3, { waiting: false })] });
    expect(".o_inbox_part.active").toHaveText(/Without ticket/);
    await press("3");
    await animationFrame();
    expect(".o_inbox_empty").toHaveText(/Nothing was put aside lately/);
    expect(".o_inbox_nothing").toHaveCount(1);
});

test("keys move, select and act; what was done can be taken back", async () => {
    const { named } = await mountInbox({ loose: [1, 2, 3, 4].map((id) => row(id, { waiting: false })) });
    await press("j");
    await animationFrame();
    expect(current()).toBe("2");
    await press("k");
    await press("k");
    await animationFrame();
    expect(current()).toBe("1");
    await press("i");
    await animationFrame();
    expect(named("act")).toEqual([["ignore", [1], {}]]);
    await animationFrame();
    expect(current()).toBe("2");
    expect(".o_inbox_toast").toHaveText(/1 message ignored/);
    await press("x");
    await press("j");
    await press("x");
    await animationFrame();
    expect(".o_inbox_selected").toHaveText("2 selected");
    await press("o");
    await animationFrame();
    expect(named("act")[1]).toEqual(["open", [2, 3], {}]);
    await press("z");
    await animationFrame();
    expect(named("take_back")).toEqual([[9]]);
    // only once
    await press("z");
    await animationFrame();
    expect(named("take_back")).toHaveLength(1);
});

test("quick fingers: each key waits for the one before it", async () => {
    const { named } = await mountInbox({ loose: [1, 2, 3].map((id) => row(id)) });
    press("i");
    press("i");
    press("h");
    press("z");
    await runAllTimers();
    await animationFrame();
    await animationFrame();
    expect(named("act").map(([name, ids]) => [name, ...ids])).toEqual([
        ["ignore", 1],
        ["ignore", 2],
        ["handled", 3],
    ]);
    expect(named("take_back")).toHaveLength(1);
});

test("a button takes back as well", async () => {
    const { named } = await mountInbox({ loose: [row(1)] });
    await click(".o_inbox_act[data-act=block]");
    await animationFrame();
    expect(".o_inbox_toast").toHaveText(/Author blocked/);
    await click(".o_inbox_undo");
    await animationFrame();
    expect(named("take_back")).toEqual([[9]]);
    expect(".o_inbox_toast").toHaveText("As it was before.");
    expect(".o_inbox_undo").toHaveCount(0);
    await advanceTime(15000);
    expect(".o_inbox_toast").toHaveCount(0);
});

test("blocking on the network too, where the network has it", async () => {
    const network = { ...row(1).network, can: ["block"] };
    const there = { means: "They cannot write.", allowed: true, reason: "", cost: "$0.01", done: [] };
    const { named } = await mountInbox(
        { loose: [row(1, { network, there }), row(2)] },
        {
            act: (name, ids) => ({
                done: ids,
                left: 0,
                undo: 9,
                tickets: [],
                there: 0,
                not_there: ["You may not speak as this account."],
            }),
        }
    );
    expect(".o_inbox_detail [data-act=block_there]").toHaveAttribute(
        "title",
        "Block with us, and on the network as well (Shift b) · They cannot write. · $0.01"
    );
    await press("B");
    await animationFrame();
    expect(named("act")).toEqual([["block_there", [1], {}]]);
    expect(".o_inbox_toast span").toHaveText(
        "Blocked with us, not on the network · You may not speak as this account."
    );
    await click(".o_inbox_row[data-id='2'] .o_inbox_look");
    await animationFrame();
    expect(".o_inbox_detail [data-act=block]").toHaveCount(1);
    expect(".o_inbox_detail [data-act=block_there]").toHaveCount(0);
});

test("what became of it on the network stands beside the author", async () => {
    const done = [
        {
            id: 4,
            words: "Not blocked on Fake: too late",
            state: "failed",
            account: "@acme",
            by: "Marta",
            at: "2026-01-01 11:00:00",
        },
    ];
    const there = { means: "", allowed: false, reason: "", cost: "", done };
    await mountInbox({ aside: [row(1, { blocked: true, there })] });
    await click(".o_inbox_part[data-part=aside]");
    await animationFrame();
    expect(".o_inbox_there li").toHaveText(/Not blocked on Fake: too late · @acme, asked by Marta/);
    expect(".o_inbox_there .fa-exclamation-triangle").toHaveCount(1);
});

test("keys are left alone while somebody types, and can be switched off", async () => {
    const { named } = await mountInbox({ loose: [row(1)] });
    await click(".o_inbox_search");
    await press("i");
    await press("b");
    expect(named("act")).toEqual([]);
    const seen = (key, values = {}) =>
        meaning({ key, target: document.body, ...values });
    expect(seen("i")).toEqual({ act: "ignore", key: "i" });
    expect(seen("i", { ctrlKey: true })).toBe(null);
    expect(seen("i", { isComposing: true })).toBe(null);
    expect(seen("Enter", { target: queryOne(".o_inbox_act:first") })).toBe(null);
    browser.localStorage.setItem("helpdesk_social.inbox_keys_off", "1");
    expect(seen("i")).toBe(null);
    expect(seen("j")).toBe(null);
    expect(seen("?")).toEqual({ move: "help", key: "?" });
    browser.localStorage.removeItem("helpdesk_social.inbox_keys_off");
});

test("an act that concerns none of the chosen is neither shown nor done", async () => {
    const { named } = await mountInbox({
        waiting: [row(1, { ticket: { id: 7, number: "HT7", name: "" }, shared: true })],
    });
    expect(".o_inbox_act[data-act=open]").toHaveCount(0);
    expect(".o_inbox_act[data-act=block]").toHaveCount(0);
    await press("o");
    await press("a");
    await press("b");
    await press("w");
    await animationFrame();
    expect(named("act")).toEqual([]);
});

test("a key that does not apply says why, and takes no undo away", async () => {
    const { named } = await mountInbox({
        waiting: [
            row(1, { ticket: { id: 7, number: "HT7", name: "" }, shared: true }),
            row(2, { hidden_ticket: true }),
            row(3, { deleted: true }),
        ],
    });
    const says = async (key) => {
        await press(key);
        await animationFrame();
        return queryOne(".o_inbox_says").innerText.trim();
    };
    expect(await says("o")).toMatch(/^It is on ticket HT7 already: Enter goes there\.$/);
    expect(await says("a")).toMatch(/^It is on ticket HT7 already/);
    expect(await says("b")).toMatch(/nobody to block/);
    expect(await says("w")).toMatch(/^No rule decided about it/);
    await press("j");
    await animationFrame();
    expect(await says("o")).toMatch(/not yours to see/);
    await press("j");
    await animationFrame();
    expect(await says("a")).toMatch(/^It was deleted/);
    expect(named("act")).toEqual([]);
    await press("h");
    await animationFrame();
    expect(".o_inbox_undo").toHaveCount(1);
    expect(await says("o")).toMatch(/^It was deleted|already|not yours/);
    expect(".o_inbox_undo").toHaveCount(1);
});

test("attaching asks for the ticket, by keyboard", async () => {
    const { named } = await mountInbox({ loose: [row(1)] });
    await press("a");
    await animationFrame();
    expect(queryAllTexts(".o_inbox_found .fw-bold")).toEqual(["HT7", "HT8"]);
    await click(".o_inbox_find");
    await edit("lamp");
    await runAllTimers();
    await animationFrame();
    expect(named("find_tickets").at(-1)).toEqual(["lamp", [1]]);
    await press("ArrowDown");
    await press("Enter");
    await animationFrame();
    expect(named("act")).toEqual([["attach", [1], { ticket_id: 8 }]]);
});

test("handled with a reason", async () => {
    const { named } = await mountInbox({ waiting: [row(1)] });
    await click(".o_inbox_why_handled");
    await animationFrame();
    await click(".o-dropdown-item:contains(A thank-you)");
    await animationFrame();
    expect(named("act")).toEqual([["handled", [1], { reason: "thanks" }]]);
});

test("a blocked author can be unblocked with the same key", async () => {
    const { named } = await mountInbox({ aside: [row(1, { waiting: false, handled: "blocked", blocked: true })] });
    await press("3");
    await animationFrame();
    expect(".o_inbox_author").toHaveText(/Blocked by Marta/);
    await press("b");
    await animationFrame();
    expect(named("act")).toEqual([["unblock", [1], {}]]);
});

test("news are read live, once per second; the place is kept", async () => {
    const { hear, named, server } = await mountInbox({ waiting: [row(1), row(2)] });
    await press("j");
    await animationFrame();
    server.waiting = [row(5), ...server.waiting];
    hear();
    hear();
    hear();
    await advanceTime(1000);
    await animationFrame();
    expect(named("get_list")).toHaveLength(2);
    expect(".o_inbox_row").toHaveCount(3);
    expect(current()).toBe("2");
    // a colleague was quicker: it stays in sight, and says so
    server.aside = server.waiting.filter((one) => one.id === 2);
    server.waiting = server.waiting.filter((one) => one.id !== 2);
    hear();
    await advanceTime(1000);
    await animationFrame();
    expect(".o_inbox_left").toHaveCount(1);
    expect(".o_inbox_row").toHaveCount(2);
});

test("hostile names and words stay text", async () => {
    await mountInbox({
        waiting: [row(1, { who: "<img src=x onerror=alert(1)>", preview: "<b>x</b>", avatar: "" })],
    });
    expect(".o_inbox img").toHaveCount(0);
    expect(".o_inbox b").toHaveCount(0);
    expect(".o_inbox_preview").toHaveText("<b>x</b>");
});

test("the list by itself: leaving, moving, selecting", () => {
    const list = new InboxList();
    list.load([1, 2, 3].map((id) => ({ id })));
    list.move(1);
    expect(list.currentId).toBe(1);
    list.move(-1);
    expect(list.currentId).toBe(1);
    list.move(1);
    list.toggle(2);
    list.toggle(3);
    list.leave([2]);
    expect([list.currentId, ...list.selected]).toEqual([3, 3]);
    list.leave([3]);
    expect(list.currentId).toBe(1);
    list.leave([1]);
    expect(list.currentId).toBe(false);
    list.move(1);
    expect([list.currentId, list.allSelected, list.chosen.length]).toEqual([false, false, 0]);
});

test("the live service tells the inbox of everything, by ids", async () => {
    const { live, notify } = fakeLive();
    const stop = live.listenAll((ids) => expect.step(ids ? ids.join() : "everything"));
    notify({ ticket_ids: [], message_ids: [1] });
    notify({ ticket_ids: [7], message_ids: [2] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps(["1,2"]);
    stop();
    notify({ ticket_ids: [], message_ids: [3] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps([]);
});

test("on a narrow screen the list or the message", async () => {
    patchWithCleanup(SocialInbox.prototype, {
        get narrow() {
            return true;
        },
    });
    const { actions } = await mountInbox({ waiting: [row(1, { ticket: { id: 7, number: "HT7", name: "" } })] });
    expect(".o_inbox").not.toHaveClass("o_inbox_reading");
    await press("Enter");
    await animationFrame();
    expect(".o_inbox").toHaveClass("o_inbox_reading");
    await press("Enter");
    expect(actions[0].res_id).toBe(7);
    await press("Escape");
    await animationFrame();
    expect(".o_inbox").not.toHaveClass("o_inbox_reading");
});

test("on the ticket's page: the rule was wrong, and back", async () => {
    const done = [];
    onRpc("helpdesk.social.inbox", "act", ({ args }) => {
        done.push(args);
        return { done: [1], left: 0, undo: 9, tickets: [] };
    });
    onRpc("helpdesk.social.inbox", "take_back", ({ args }) => {
        done.push(args);
        return [1];
    });
    await mountTimeline({
        social_timeline: () => timeline([message(1, { rules: [4], rule_wrong: false }), message(2)]),
        social_affordances: () => [],
        social_timeline_changes: () => timeline([message(1, { rules: [4], rule_wrong: true })]),
    });
    await click(".o_social_more:last");
    await animationFrame();
    expect(".o-dropdown-item:contains(The rule was wrong)").toHaveCount(0);
    await press("Escape");
    await animationFrame();
    await click(".o_social_more:first");
    await animationFrame();
    await click(".o-dropdown-item:contains(The rule was wrong)");
    await animationFrame();
    await animationFrame();
    expect(done).toEqual([["wrong", [1]]]);
    await click(".o_notification .btn:contains(Undo)");
    await animationFrame();
    expect(done[1]).toEqual([9]);
});

test("an answer that a rule suggests goes into the text", async () => {
    await mountTimeline({
        social_timeline: () => timeline([message(1, { audience: "private" })]),
        social_composer: () =>
            composer([option("private", 1)], {
                default: "private:1:1",
                seen: { 1: 1 },
                desk: { canned: { 1: [{ id: 3, name: "lost", text: "Sorry about that!" }] } },
            }),
    });
    await click(".o_inbox_canned .btn:contains(lost)");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("Sorry about that!");
});
