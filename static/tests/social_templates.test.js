import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";

import { makeServerError } from "@web/../tests/web_test_helpers";

import { inLanguage, isFull, languageName } from "@helpdesk_social/templates/template_panel";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const CLOSED = "24 hours have passed: only an approved template.";
const page = () => timeline([message(1, { waiting: true, audience: "private" })]);
const closed = (values) =>
    composer([
        option("private", 1, {
            allowed: false,
            reason: CLOSED,
            template: { allowed: true, reason: "" },
            ...values,
        }),
    ]);
const gap = (name, values = {}) => ({
    name,
    kind: "text",
    label: name,
    example: `example of ${name}`,
    value: "",
    ...values,
});
const one = (id, name, language, values = {}) => ({
    id,
    name,
    language,
    category: "Utility templates",
    price: "",
    price_known: false,
    usable: true,
    why: "",
    shown: `Hello {{1}} in ${language}`,
    fields: [gap("body.1", { value: "Ann" }), gap("body.2")],
    ...values,
});
const LIST = {
    templates: [
        one(1, "late_news", "en"),
        one(2, "late_news", "es"),
        one(3, "offer", "en", { usable: false, why: "Paused." }),
        one(4, "invoice", "en", { fields: [gap("header.file", { kind: "file" })], price: "$0.05", price_known: true }),
    ],
    language: "es",
    at: false,
    error: "",
};

async function open(answers = {}) {
    const mounted = await mountTimeline({
        social_timeline: page,
        social_composer: () => closed(),
        social_templates: () => LIST,
        social_measure: () => ({ length: 9, limit: 0, parts: ["x"], cost: "", concerns: [], preview: "Hola Ann" }),
        ...answers,
    });
    await click(".o_social_door .btn");
    await animationFrame();
    return mounted;
}

async function pick(selector, value) {
    const select = queryOne(selector);
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    await animationFrame();
}

async function fill(name, value) {
    const input = queryOne(`input[data-gap="${name}"]`);
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await animationFrame();
}

test("a closed window has a door to the templates, and says why", async () => {
    const { named } = await open();
    expect(".o_social_blocked").toHaveText(CLOSED);
    expect(".o_social_composer textarea").toHaveCount(0);
    expect(named("social_templates")).toHaveLength(0);
    await click(".o_social_template_door");
    await animationFrame();
    expect(".o_social_blocked").toHaveCount(0);
    expect("#o_social_template_name").toBeFocused();
    expect(queryAllTexts("#o_social_template_name option")).toEqual([
        "Choose a template…",
        "late news",
        "offer – Paused.",
        "invoice",
    ]);
    expect("#o_social_template_name option[value=offer]").not.toBeEnabled();
    expect(".o_social_send").not.toBeEnabled();
});

test("nothing of it where the network has no templates", async () => {
    await open({ social_composer: () => closed({ template: undefined, allowed: true }) });
    expect(".o_social_composer textarea").toHaveCount(1);
    expect(".o_social_template_door, .o_social_template").toHaveCount(0);
});

test("not for who may not speak", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () => closed({ template: { allowed: false, reason: "No." } }),
    });
    expect(".o_social_door .btn").not.toBeEnabled();
    expect(".o_social_template_door").toHaveCount(0);
});

test("the person's language, gaps filled, a preview, and only then it may be sent", async () => {
    const { named } = await open({ social_send: () => ({ ok: true, message_ids: [50] }), social_timeline_changes: () => timeline([]) });
    await click(".o_social_template_door");
    await animationFrame();
    await pick("#o_social_template_name", "late_news");
    expect("#o_social_template_language").toHaveValue("2");
    expect('input[data-gap="body.1"]').toHaveValue("Ann");
    expect('input[data-gap="body.2"]').toHaveClass("o_social_gap_open");
    expect('input[data-gap="body.2"]').toHaveAttribute("placeholder", "example of body.2");
    expect(".o_social_template_facts").toHaveText(/price not known/);
    await advanceTime(1000);
    expect(named("social_measure")).toHaveLength(0);
    expect(".o_social_send").not.toBeEnabled();
    await fill("body.2", "HT7");
    await advanceTime(1000);
    await animationFrame();
    expect(".o_social_template_preview").toHaveText("Hola Ann");
    expect(named("social_measure").at(-1).args[4]).toEqual({
        id: 2,
        values: { "body.1": "Ann", "body.2": "HT7" },
    });
    await pick("#o_social_template_language", "1");
    expect('input[data-gap="body.2"]').toHaveValue("");
    await fill("body.2", "HT8");
    await press(["ctrl", "Enter"], { target: queryOne('input[data-gap="body.2"]') });
    await animationFrame();
    expect(named("social_send").at(-1).args[6]).toEqual({
        id: 1,
        values: { "body.1": "Ann", "body.2": "HT8" },
    });
    expect(".o_social_template").toHaveCount(0);
});

test("a template with a file waits for the file, one without takes none", async () => {
    await open();
    await click(".o_social_template_door");
    await animationFrame();
    await pick("#o_social_template_name", "invoice");
    expect(".o_social_template_facts").toHaveText(/needs a file/);
    expect(".o_social_template_facts").toHaveText(/costs \$0.05/);
    expect(".o_social_send").not.toBeEnabled();
});

test("what the server says against it stands below, and nothing is lost", async () => {
    await open({ social_send: () => ({ ok: false, error: "The network does not allow this template at present." }) });
    await click(".o_social_template_door");
    await animationFrame();
    await pick("#o_social_template_name", "late_news");
    await fill("body.2", "HT7");
    await click(".o_social_send");
    await animationFrame();
    expect(".o_social_error").toHaveText(/does not allow/);
    expect('input[data-gap="body.2"]').toHaveValue("HT7");
    await click(".o_social_template .btn-close");
    await animationFrame();
    expect(".o_social_blocked").toHaveText(CLOSED);
});

test("a list that cannot be had says so", async () => {
    await open({
        social_templates: () => {
            throw makeServerError({ message: "Not now" });
        },
    });
    await click(".o_social_template_door");
    await animationFrame();
    expect(".o_social_error").toHaveText("Not now");
});

test("free words and templates stand beside each other while the window is open", async () => {
    await open({ social_composer: () => closed({ allowed: true, reason: "" }) });
    queryOne(".o_social_composer textarea").value = "My own words";
    queryOne(".o_social_composer textarea").dispatchEvent(new Event("input", { bubbles: true }));
    await animationFrame();
    await click(".o_social_composer_foot .o_social_template_door");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveCount(0);
    await click(".o_social_template .btn-close");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("My own words");
});

test("the language that is read, else English, else whatever there is", () => {
    const [en, es, de] = ["en_US", "es_MX", "de"].map((language) => ({ language, usable: true }));
    expect(inLanguage([de, en, es], "es")).toBe(es);
    expect(inLanguage([de, en, es], "fr")).toBe(en);
    expect(inLanguage([de], "fr")).toBe(de);
    expect(inLanguage([{ ...es, usable: false }, de], "es")).toBe(de);
    expect(inLanguage([], "es")).toBe(undefined);
    expect(languageName("pt_BR", "en")).toBe("Brazilian Portuguese");
    expect(languageName("not a language", "en")).toBe("not a language");
    expect(isFull([gap("a"), gap("f", { kind: "file" })], { a: " " })).toBe(false);
    expect(isFull([gap("a"), gap("f", { kind: "file" })], { a: "x" })).toBe(true);
});
