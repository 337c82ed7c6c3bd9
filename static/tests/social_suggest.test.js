import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";

import { makeServerError } from "@web/../tests/web_test_helpers";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const page = () => timeline([message(1, { waiting: true })]);
const both = () => composer([option("private", 1, { narrower: true }), option("public", 1)]);

function suggestion(id, values = {}) {
    return {
        id,
        text: `Answer ${id}`,
        why: "Used 3 times",
        source: "learned",
        long: false,
        left: [],
        ...values,
    };
}

async function open(values = {}) {
    const told = await mountTimeline({
        social_timeline: page,
        social_composer: both,
        social_suggest: () => [suggestion(1), suggestion(2, { long: true, left: ["{{date}}"] })],
        ...values,
    });
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    await animationFrame();
    return told;
}

async function write(text) {
    const area = queryOne(".o_social_composer textarea");
    area.focus();
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await animationFrame();
}

const area = ".o_social_composer textarea";

test("asked for when somebody begins to write, not with the page", async () => {
    const { named } = await mountTimeline({ social_timeline: page, social_composer: both });
    expect(named("social_suggest")).toHaveLength(0);
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    expect(named("social_suggest").map((call) => call.args)).toEqual([["public:1:1", ""]]);
    await animationFrame();
    // nothing was found: nothing is shown
    expect(".o_social_suggest").not.toBeVisible();
});

test("another target is another question; a late answer to the first is not shown", async () => {
    const late = new Deferred();
    const { named } = await open({
        social_suggest: (optionId) => (optionId.startsWith("public") ? late : [suggestion(9)]),
    });
    await click(".o_social_composer .btn-close");
    await animationFrame();
    await click(".o_social_door .btn:contains(Reply privately)");
    await animationFrame();
    await animationFrame();
    late.resolve([suggestion(1)]);
    await animationFrame();
    expect(named("social_suggest").map((call) => call.args[0])).toEqual([
        "public:1:1",
        "private:1:1",
    ]);
    expect(queryAllTexts(".o_social_suggest_text")).toEqual(["Answer 9"]);
});

test("what it is, why, and what is wrong with it stands in words", async () => {
    await open();
    expect(queryAllTexts(".o_social_suggest_why span")).toEqual([
        "Used 3 times",
        "Used 3 times · longer than one post · to be filled in: {{date}}",
    ]);
    expect(queryAllTexts(".o_social_suggest_why kbd")).toEqual(["Alt+1", "Alt+2"]);
});

test("a click puts it into the composer and tells the server", async () => {
    const { named } = await open();
    await click(".o_social_suggest_take:contains(Answer 1)");
    await animationFrame();
    expect(area).toHaveValue("Answer 1");
    expect(area).toBeFocused();
    expect(named("social_suggest_feedback").map((call) => call.args)).toEqual([
        ["public:1:1", 1, "accepted", "Answer 1"],
    ]);
    expect(named("social_send")).toHaveLength(0);
});

test("keys: Alt+1 to Alt+3, from where one writes", async () => {
    await open();
    expect(area).toBeFocused();
    await press(["alt", "3"]);
    await animationFrame();
    expect(area).toHaveValue("");
    await press(["alt", "2"]);
    await animationFrame();
    expect(area).toHaveValue("Answer 2");
});

test("words that stand there stay, and it can be taken out again", async () => {
    await open();
    await write("Dear Ann,");
    await click(".o_social_suggest_take:contains(Answer 1)");
    await animationFrame();
    expect(area).toHaveValue("Dear Ann,\nAnswer 1");
    // what is there already is not put there twice
    await press(["alt", "1"]);
    await animationFrame();
    expect(area).toHaveValue("Dear Ann,\nAnswer 1");
    await click(".o_social_suggest_undo");
    await animationFrame();
    expect(area).toHaveValue("Dear Ann,");
    // one line is left of them once something is written
    expect(".o_social_suggest_one").toHaveCount(0);
    await click(".o_social_suggest_head .btn:contains(Suggestions)");
    await animationFrame();
    await click(".o_social_suggest_take:contains(Answer 2)");
    await animationFrame();
    await write("Dear Ann,\nAnswer 2 and more");
    // an undo would eat what was written since
    expect(".o_social_suggest_undo").toHaveCount(0);
});

test("dismissed: gone from here, and told", async () => {
    const { named } = await open();
    await click(".o_social_suggest_dismiss:first");
    await animationFrame();
    expect(queryAllTexts(".o_social_suggest_text")).toEqual(["Answer 2"]);
    expect(named("social_suggest_feedback")[0].args).toEqual(["public:1:1", 1, "dismissed", ""]);
    // the keys follow what is shown
    await press(["alt", "1"]);
    await animationFrame();
    expect(area).toHaveValue("Answer 2");
});

test("a draft that was begun is not pushed aside by chips", async () => {
    await open({
        social_composer: () => ({
            ...both(),
            drafts: [{ audience: "public", conversation_id: 1, person_id: 1, text: "begun", attachments: [] }],
        }),
    });
    expect(area).toHaveValue("begun");
    expect(".o_social_suggest_head").toBeVisible();
    expect(".o_social_suggest_one").toHaveCount(0);
});

test("a server that does not answer is no hindrance", async () => {
    await open({
        social_suggest: () => {
            throw makeServerError({ message: "no" });
        },
    });
    expect(".o_social_suggest").not.toBeVisible();
    await write("Hello");
    expect(".o_social_send").toBeEnabled();
});

test("long ones are cut short until they are unfolded; markup is text", async () => {
    const text = `<b>x</b> ${"word ".repeat(200)}`.trim();
    await open({ social_suggest: () => [suggestion(1, { text })] });
    expect(".o_social_suggest_text b").toHaveCount(0);
    expect(queryAllTexts(".o_social_suggest_text")[0]).toMatch(/^<b>x<\/b> .*…$/);
    await click(".o_social_suggest_head .btn:contains(Suggestions)");
    await animationFrame();
    expect(queryAllTexts(".o_social_suggest_text")[0]).toBe(text);
    expect(".o_social_suggest_head .btn:first").toHaveAttribute("aria-expanded", "true");
});

test("what has room in two lines of its card is not cut", async () => {
    const text = "We are sorry. The parcel waits in Baltimore until Friday; you may fetch it there.";
    await open({ social_suggest: () => [suggestion(1, { text })] });
    expect(queryAllTexts(".o_social_suggest_text")).toEqual([text]);
    const { scrollHeight, clientHeight } = queryOne(".o_social_suggest_text");
    expect(scrollHeight).toBe(clientHeight);
});
