/** Editing our own words: only where it is allowed, kept until the network has them. */

import { describe, expect, test } from "@odoo/hoot";
import { click, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";

import { makeServerError } from "@web/../tests/web_test_helpers";

import { defineSocialModels, message, mountTimeline, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const MARKS = ["abc"];
const GUARD = {
    code: "guard",
    effect: "block",
    message: "This is public, and shows a phone number.",
    details: {
        finds: [{ kind: "phone", label: "a phone number", start: 5, end: 9, file: 0 }],
        marks: MARKS,
        length: 9,
    },
    until: false,
};
const sent = (values = {}) =>
    message(1, {
        direction: "out",
        user_id: 5,
        text: "Oosp",
        delivery: { state: "sent", label: "Sent", error: "", part: 1, parts: 1 },
        ...values,
    });
const may = { kind: "edit", allowed: true, reason: "", remaining: null, cost: "" };

async function open(answers = {}) {
    const mounted = await mountTimeline({
        social_timeline: () => timeline([sent()]),
        social_timeline_changes: () => timeline([sent({ text: "Oops" })]),
        social_affordances: () => [may],
        social_edit_measure: (text) => ({ length: text.length, limit: 10, concerns: [] }),
        social_edit: () => ({ ok: true }),
        ...answers,
    });
    await click(".o_social_more");
    await animationFrame();
    await click(".o-dropdown-item:contains(Edit…)");
    await animationFrame();
    return mounted;
}

async function write(text) {
    const area = queryOne(".o_social_edit textarea");
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await advanceTime(300);
    await animationFrame();
}

const save = ".modal .btn:contains(Change it on the network)";

async function press() {
    await click(save);
    await animationFrame();
}

test("it is offered only where it is allowed", async () => {
    await mountTimeline({
        social_timeline: () => timeline([sent()]),
        social_affordances: () => [{ ...may, allowed: false, reason: "Paused." }],
    });
    await click(".o_social_more");
    await animationFrame();
    expect(queryAllTexts(".o-dropdown-item")).not.toInclude("Edit…");
});

test("other words take the place of ours, once the network has them", async () => {
    const { named } = await open();
    expect(".o_social_edit textarea").toHaveValue("Oosp");
    expect(save).not.toBeEnabled();
    await write("Oops");
    expect(".o_social_count").toHaveText("4 / 10");
    await press();
    // with what was on the screen, so that nobody else's edit is lost
    expect(named("social_edit").map((one) => one.args)).toEqual([["Oops", {}, "Oosp"]]);
    expect(".modal").toHaveCount(0);
    expect(".o_social_text").toHaveText("Oops");
});

test("nothing, the same, and too much cannot be saved", async () => {
    await open();
    for (const text of ["", "   ", " Oosp ", "x".repeat(11)]) {
        await write(text);
        expect(save).not.toBeEnabled();
    }
    expect(".o_social_count").toHaveClass("text-danger");
    await write("x".repeat(10));
    expect(save).toBeEnabled();
});

test("a refusal leaves the words in the dialog, with the reason", async () => {
    const { named } = await open({
        social_edit: () => ({ ok: false, error: "The connection broke. Save them again." }),
    });
    await write("Oops");
    await press();
    expect(".o_social_edit .o_social_error").toHaveText("The connection broke. Save them again.");
    expect(".o_social_edit textarea").toHaveValue("Oops");
    await press();
    expect(named("social_edit")).toHaveLength(2);
    expect(".o_social_message .o_social_text").toHaveText("Oosp");
});

test("an accident on the way is no end of the words either", async () => {
    await open({
        social_edit: () => {
            throw makeServerError({ message: "Out of order." });
        },
    });
    await write("Oops");
    await press();
    expect(".o_social_edit .o_social_error").toHaveText("Out of order.");
    expect(save).toBeEnabled();
});

test("what is gone there cannot be saved any more", async () => {
    const { named } = await open({
        social_edit: () => ({ ok: false, gone: true, error: "It is gone on the network." }),
        social_timeline_changes: () => timeline([sent({ deleted_at: "2026-01-01 11:00:00" })]),
    });
    await write("Oops");
    await press();
    expect(".o_social_edit .o_social_error").toHaveText("It is gone on the network.");
    expect(save).not.toBeEnabled();
    expect(named("social_timeline_changes")).toHaveLength(1);
});

test("the guard's find is shown, and a reason goes along", async () => {
    const { named } = await open({
        social_edit_measure: (text, consent) => ({
            length: text.length,
            limit: 500,
            concerns: consent.guard
                ? [{ ...GUARD, effect: "warn", message: "Your reason is kept." }]
                : [GUARD],
        }),
    });
    await write("call 1234");
    expect(".o_social_edit .o_social_guard li q").toHaveText("1234");
    expect(".o_social_edit .o_social_guard").not.toHaveText(/Send privately/);
    await click(".o_social_guard .btn:contains(Send anyway)");
    await animationFrame();
    const reason = queryOne(".o_social_guard_reason input");
    reason.value = "They publish it";
    reason.dispatchEvent(new Event("input", { bubbles: true }));
    await animationFrame();
    await click(".o_social_guard_reason .btn-danger");
    await advanceTime(300);
    await animationFrame();
    expect(".o_social_guard_passed").toHaveText(/They publish it/);
    await press();
    const [, consent] = named("social_edit")[0].args;
    expect(consent).toEqual({ guard: { override: "They publish it", marks: MARKS } });
});

test("versions say who wrote which words, and who approved them", async () => {
    await mountTimeline({
        social_timeline: () =>
            timeline([
                sent({
                    text: "Oops",
                    edited_at: "2026-01-01 11:00:00",
                    edited_by: "Marta",
                    revisions: [
                        {
                            at: "2026-01-01 10:00:00",
                            text: "Oosp",
                            warning: "",
                            media: false,
                            by: "Tim",
                            approved_by: "Ana",
                        },
                    ],
                }),
            ]),
    });
    await click(".o_social_notes button:contains(edited)");
    await animationFrame();
    expect(queryAllTexts(".o_social_version_who")).toEqual([
        "by Marta",
        "by Tim, approved by Ana",
    ]);
});
