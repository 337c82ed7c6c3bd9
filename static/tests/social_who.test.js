import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";

import { onRpc } from "@web/../tests/web_test_helpers";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const SUGGESTION = {
    id: 3,
    name: "Jo Miller",
    reason: "Wrote this contact's e-mail address in a message",
    confidence: "likely",
    confidence_words: "Likely",
};
const CARD = {
    person: { id: 1, name: "Ann" },
    contact: { id: 3, name: "Jo Miller", avatar: "" },
    hidden: false,
    lines: [{ code: "tickets", icon: "fa-ticket", label: "Other open tickets", value: "2" }],
    others: { names: [], more: 0 },
};

/** A page whose server knows this of the person. */
async function mount(who, answers = {}) {
    const state = { who: { linked: false, verified_until: false, may_ask: false, ...who } };
    const one = (values) => timeline([message(1, { audience: "private" })], values);
    const mounted = await mountTimeline({
        social_timeline: () => one(),
        social_composer: () =>
            composer([option("private", 1)], {
                default: "private:1:1",
                desk: { who: { 1: state.who } },
            }),
        social_card: () => CARD,
        ...answers,
    });
    return { ...mounted, state };
}

test("a suggestion is answered with one click, and the answer taken back", async () => {
    const asked = [];
    let page;
    for (const name of ["action_accept", "action_refuse", "action_undo_decision"]) {
        onRpc("helpdesk.social.identity", name, ({ args }) => {
            asked.push([name, args[0]]);
            page.state.who =
                name === "action_undo_decision"
                    ? { suggestion: SUGGESTION }
                    : {
                          undo: {
                              answer: name === "action_accept" ? "accepted" : "refused",
                              name: "Jo Miller",
                          },
                      };
            return true;
        });
    }
    page = await mount({ suggestion: SUGGESTION });
    expect(".o_social_card_question span:first").toHaveText(
        "This may be Jo Miller: Wrote this contact's e-mail address in a message (likely)"
    );
    await click(".o_social_card_question .btn:contains(Not them)");
    await animationFrame();
    await animationFrame();
    expect(".o_social_card_question").toHaveText(/Not Jo Miller: never suggested again/);
    await click(".o_social_card_question .btn:contains(Undo)");
    await animationFrame();
    await animationFrame();
    await click(".o_social_card_question .btn:contains(Yes, link)");
    await animationFrame();
    await animationFrame();
    expect(".o_social_card_question").toHaveText(/Linked to Jo Miller/);
    expect(asked).toEqual([
        ["action_refuse", [1]],
        ["action_undo_decision", [1]],
        ["action_accept", [1]],
    ]);
});

test("the card is asked for when it is opened, by keyboard too, and stays open", async () => {
    const { named } = await mount({ linked: true });
    expect(named("social_card")).toHaveLength(0);
    queryOne(".o_social_card_toggle").focus();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".o_social_card_toggle").toHaveAttribute("aria-expanded", "true");
    expect(named("social_card").map((call) => call.args)).toEqual([[1]]);
    expect(".o_social_card [data-code=tickets] dd").toHaveText("2");
    expect(localStorage.getItem("helpdesk_social.card")).toBe("1");
});

test("who is verified is marked in words and signs", async () => {
    mockDate("2026-01-01 10:00:00", +0);
    await mount(
        { linked: true, verified_until: "2026-03-01 10:00:00", may_ask: true },
        {
            social_timeline: () => {
                const told = timeline([message(1, { audience: "private" })]);
                told.people[1].verified_until = "2026-03-01 10:00:00";
                return told;
            },
        }
    );
    expect(".o_social_card .o_social_proved").toHaveText(/verified until Mar 1, 2026/);
    expect(".o_social_message .o_social_proved").toHaveAttribute(
        "title",
        "Proved to be the contact; verified until Mar 1, 2026"
    );
    expect(".o_social_proof").toHaveText("Verified until Mar 1, 2026");
    expect(".o_social_proof .btn").toHaveCount(0);
});

test("a proof is asked for in two steps, and a refusal is said", async () => {
    let answer = { ok: false, error: "This contact has no e-mail address on file." };
    const { named } = await mount(
        { linked: true, may_ask: true },
        { social_ask_proof: () => answer, social_timeline_changes: () => timeline([]) }
    );
    await click(".o_social_proof .btn:contains(Ask for proof)");
    await animationFrame();
    expect(named("social_ask_proof")).toHaveLength(0);
    await click(".o_social_proof .btn:contains(Send the code)");
    await animationFrame();
    expect(".o_social_proof [role=alert]").toHaveText(answer.error);
    answer = { ok: true, message_ids: [9] };
    await click(".o_social_proof .btn:contains(Send the code)");
    await animationFrame();
    expect(named("social_ask_proof").map((call) => call.args)).toEqual([
        ["private:1:1"],
        ["private:1:1"],
    ]);
    expect(".o_social_proof [role=alert]").toHaveCount(0);
});

test("what became of the question is said in words", async () => {
    mockDate("2026-01-01 10:00:00", +0);
    const proof = {
        state: "open",
        address: "j…r@example.com",
        until: "2026-01-01 10:10:00",
        tries: 2,
        left: 3,
        mail_failed: false,
    };
    const { state, hear } = await mount(
        { linked: true, may_ask: true, proof },
        { social_timeline_changes: () => timeline([]) }
    );
    const told = async (values) => {
        state.who = { linked: true, may_ask: true, proof: { ...proof, ...values } };
        await hear([2]);
        await animationFrame();
        return queryOne(".o_social_proof [role=status]").textContent;
    };
    expect(".o_social_proof").toHaveText(/mailed to j…r@example.com.*tries left: 3/);
    expect(await told({ until: "2026-01-01 09:59:00" })).toInclude("Nobody sent the code back");
    expect(await told({ state: "tried" })).toInclude("Too many wrong codes");
    expect(await told({ state: "leaked" })).toInclude("worthless now");
    expect(await told({ mail_failed: true })).toInclude("could not be mailed");
});

for (const [place, chosen] of [
    ["above a public answer", option("public", 1)],
    ["on the way to private", option("private", 1, { narrower: true })],
]) {
    test(`who is verified is so ${place} as well, where nothing is asked`, async () => {
        mockDate("2026-02-01 12:00:00");
        const who = { linked: true, verified_until: "2026-03-01 10:00:00", may_ask: true };
        await mount(who, {
            social_composer: () =>
                composer([chosen], { default: chosen.id, desk: { who: { 1: who } } }),
        });
        expect(".o_social_composer .o_social_proved").toHaveText("Verified until Mar 1, 2026");
        expect(".o_social_proof .btn").toHaveCount(0);
    });
}

test("a proof that has ended is no longer shown, and can be asked for anew", async () => {
    mockDate("2026-03-02 12:00:00");
    await mount({ linked: true, verified_until: "2026-03-01 10:00:00", may_ask: true });
    expect(".o_social_proved").toHaveCount(0);
    expect(".o_social_proof .btn").toHaveText(/Ask for proof/);
});

test("a public answer is no place for a proof", async () => {
    await mount(
        { linked: true, may_ask: true },
        {
            social_composer: () =>
                composer([option("private", 1, { narrower: true }), option("public", 1)], {
                    default: "private:1:1",
                    desk: { who: { 1: { linked: true, may_ask: true } } },
                }),
        }
    );
    expect(".o_social_proof").toHaveCount(0);
});
