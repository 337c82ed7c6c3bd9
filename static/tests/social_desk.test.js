import { describe, expect, test } from "@odoo/hoot";
import { click, edit, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";

import { makeServerError, MockServer, onRpc } from "@web/../tests/web_test_helpers";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const one = (values) => timeline([message(1, { waiting: true, ...values })]);
const open = () => composer([option("public", 1), option("private", 1)], { default: "private:1:1" });

async function write(text) {
    const area = queryOne(".o_social_composer textarea");
    area.focus();
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await animationFrame();
}

// --- what came in meanwhile -----------------------------------------------------------
test("what came in since one began is said while writing", async () => {
    mockDate("2026-01-01 10:01:00", +0);
    let news = [message(2), message(3)];
    const { hear } = await mountTimeline({
        social_timeline: () => one(),
        social_composer: open,
        social_timeline_changes: () => timeline(news),
    });
    await write("Hello");
    expect(".o_social_stale").toHaveCount(0);
    await hear([2, 3]);
    await animationFrame();
    expect(".o_social_stale span").toHaveText("2 new messages since you opened this");
    expect(".o_social_composer textarea").toHaveValue("Hello");
    await click(".o_social_stale .btn:contains(I have read it)");
    await animationFrame();
    expect(".o_social_stale").toHaveCount(0);
    news = [
        message(4, { direction: "out", user_id: 5, person_id: false, delivery: { state: "queued" }, at: "2026-01-01 10:00:40" }),
    ];
    await hear([4]);
    await animationFrame();
    // the mocked clock goes on: a busy machine needs a second for the steps above
    expect(".o_social_stale span").toHaveText(/^Marta answered \d\d s ago$/);
    news = [message(5, { direction: "out", origin: "native", delivery: { state: "sent" } })];
    await hear([5]);
    await animationFrame();
    expect(".o_social_stale span").toHaveText(
        /^It was answered in the network's app · Marta answered \d\d s ago$/
    );
});

test("an edit of what is answered is said, other people's matters are not", async () => {
    let news = [message(2, { conversation_id: 9, person_id: 8 })];
    const { hear } = await mountTimeline({
        social_timeline: () => one(),
        social_composer: open,
        social_timeline_changes: () => timeline(news),
    });
    await hear([2]);
    await animationFrame();
    expect(".o_social_stale").toHaveCount(0);
    news = [message(1, { revisions: [{ text: "before" }] })];
    await hear([1]);
    await animationFrame();
    expect(".o_social_stale span").toHaveText("What you answer was edited");
});

test("what was read is what the server is told", async () => {
    const { hear, named } = await mountTimeline({
        social_timeline: () => one(),
        social_composer: open,
        social_timeline_changes: (ids) => timeline(ids.map((id) => message(id))),
        social_send: () => ({ ok: true, message_ids: [50] }),
    });
    await hear([2]);
    await animationFrame();
    await write("Hello");
    await click(".o_social_send");
    await animationFrame();
    expect(named("social_send")[0].args[4]).toEqual({ id: 1, revisions: 0 });
});

// --- time to undo ---------------------------------------------------------------------
const held = (values) =>
    message(50, {
        direction: "out",
        user_id: 5,
        text: "Hello",
        parent: { id: 1, person_id: 1, preview: "text 1", deleted: false, direction: "in" },
        delivery: {
            state: "held",
            label: "Held",
            error: "",
            part: 1,
            parts: 1,
            undo_until: "2026-01-01 10:00:06",
            ...values,
        },
    });

test("a reply can be taken back while it counts down, then it leaves", async () => {
    mockDate("2026-01-01 10:00:01", +0);
    await mountTimeline({
        social_timeline: () => one(),
        social_composer: open,
        social_send: () => ({ ok: true, message_ids: [50], undo: 5 }),
        social_timeline_changes: () => timeline([held()]),
        action_send_now: () => expect.step("left"),
    });
    await write("Hello");
    await click(".o_social_send");
    await animationFrame();
    await animationFrame();
    expect(".o_social_delivery").toHaveText("Held · leaves in 5 s");
    expect(".o_social_actions .btn:contains(Undo)").toHaveCount(1);
    expect(".o_social_actions .btn:contains(Do not send)").toHaveCount(0);
    await advanceTime(2000);
    await animationFrame();
    expect(".o_social_delivery").toHaveText("Held · leaves in 3 s");
    expect.verifySteps([]);
    await advanceTime(3000);
    expect.verifySteps(["left"]);
});

test("what was taken back is in the composer again, for the same audience", async () => {
    mockDate("2026-01-01 10:00:01", +0);
    await mountTimeline({
        social_timeline: () => timeline([message(1), held()]),
        social_composer: () => composer([option("public", 1), option("private", 1)]),
        social_take_back: () => ({ text: "Hello", files: [] }),
        social_timeline_changes: () => timeline([]),
    });
    await click(".o_social_actions .btn:contains(Undo)");
    await animationFrame();
    await animationFrame();
    expect(".o_social_composer").toHaveClass("o_social_public");
    expect(".o_social_composer textarea").toHaveValue("Hello");
});

test("too late to take it back", async () => {
    mockDate("2026-01-01 10:00:01", +0);
    await mountTimeline({
        social_timeline: () => timeline([message(1), held()]),
        social_take_back: () => {
            throw makeServerError({ message: "It is too late: this reply has left." });
        },
    });
    await click(".o_social_actions .btn:contains(Undo)");
    await animationFrame();
    await animationFrame();
    expect(".o_social_message:last").toHaveText(/It is too late/);
});

// --- approval -------------------------------------------------------------------------
const asked = (values) =>
    message(50, {
        direction: "out",
        user_id: 5,
        text: "We refund it",
        delivery: { state: "held", label: "Held", error: "", part: 1, parts: 1 },
        approval: {
            id: 3,
            state: "waiting",
            why: "Money",
            may_decide: true,
            mine: false,
            comments: [{ name: "Ana", at: "2026-01-01 10:00:00", text: "All right?" }],
            ...values,
        },
    });

test("an approver decides, and is told what came in meanwhile", async () => {
    const answers = [
        { ok: false, newer: true, error: "Something came in" },
        { ok: true },
    ];
    onRpc("helpdesk.social.approval", "social_decide", ({ args }) => {
        expect.step(args.slice(1));
        return answers.shift();
    });
    await mountTimeline({
        social_timeline: () => timeline([asked()]),
        social_timeline_changes: () => timeline([asked({ state: "approved", may_decide: false })]),
    });
    await click(".o_social_actions .btn:contains(Approve or send back)");
    await animationFrame();
    expect(".modal .o_social_approval_text").toHaveText("We refund it");
    expect(queryAllTexts(".modal li")[0]).toMatch(/Ana .*All right\?/s);
    expect(".modal .btn:contains(Send back)").not.toBeEnabled();
    await click(".modal .btn:contains(Approve)");
    await animationFrame();
    expect(".modal [role=alert]").toHaveText("Something came in");
    await click(".modal .btn:contains(I have read it: approve)");
    await animationFrame();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([
        ["approve", "", false],
        ["approve", "", true],
    ]);
    expect(".o_social_actions .btn:contains(Approve)").toHaveCount(0);
});

test("sent back with a reason; its author may only talk about it", async () => {
    onRpc("helpdesk.social.approval", "social_decide", ({ args }) => {
        expect.step(args.slice(1));
        return { ok: true };
    });
    await mountTimeline({
        social_timeline: () =>
            timeline([asked(), { ...asked({ may_decide: false, mine: true }), id: 51 }]),
        social_timeline_changes: () => timeline([]),
    });
    expect(".o_social_actions .btn:contains(Talk about it)").toHaveCount(1);
    await click(".o_social_actions .btn:contains(Approve or send back)");
    await animationFrame();
    await click(".modal textarea");
    await edit("Say sorry first");
    await animationFrame();
    await click(".modal .btn:contains(Send back)");
    await animationFrame();
    expect.verifySteps([["return", "Say sorry first", false]]);
});

test("the button says that somebody else looks first", async () => {
    await mountTimeline({
        social_timeline: () => one(),
        social_composer: open,
        social_measure: () => ({
            length: 5,
            limit: 500,
            parts: [],
            concerns: [{ code: "approval", effect: "hold", message: "x", details: {} }],
        }),
    });
    await write("Hello");
    await advanceTime(400);
    await animationFrame();
    expect(".o_social_send").toHaveText("Ask for approval");
});

// --- who else is there ------------------------------------------------------------------
async function hears(values) {
    const told = { ticket_id: 7, user_id: 99, name: "Ana", doing: "looking", hello: false };
    MockServer.env["bus.bus"]._sendone("broadcast", "helpdesk_social/presence", {
        ...told,
        ...values,
    });
    await animationFrame();
    await animationFrame();
}

test("who else looks and who writes", async () => {
    const { named } = await mountTimeline({
        social_timeline: () => one(),
        social_composer: open,
    });
    expect(named("social_presence")).toHaveLength(0);
    await advanceTime(4000);
    expect(named("social_presence").map((call) => call.args)).toEqual([["looking", true]]);
    await hears({});
    expect(".o_social_presence").toHaveText("Ana looks at this");
    await hears({ doing: "writing" });
    await hears({ user_id: 98, name: "Ben", hello: true });
    await animationFrame();
    expect(queryAllTexts(".o_social_presence > span")).toEqual(["Ana is writing", "Ben looks at this"]);
    await advanceTime(500);
    expect(named("social_presence")).toHaveLength(2);
    await hears({ doing: "away" });
    await hears({ ticket_id: 8, name: "Eva", user_id: 97 });
    expect(".o_social_presence").toHaveText("Ben looks at this");
    await advanceTime(120000);
    await animationFrame();
    expect(".o_social_presence").toHaveCount(0);
});

test("typing is told once, and that it stopped", async () => {
    const { named } = await mountTimeline({ social_timeline: () => one(), social_composer: open });
    await write("H");
    await write("He");
    await animationFrame();
    const said = () => named("social_presence").map((call) => call.args[0]);
    expect(said()).toEqual(["writing"]);
    await advanceTime(13000);
    expect(said()).toEqual(["writing", "looking"]);
});
