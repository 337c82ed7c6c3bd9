import { describe, expect, test } from "@odoo/hoot";
import { click, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";

import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import { composer, defineSocialModels, message, mountTimeline, option, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

async function write(text) {
    const area = queryOne(".o_social_composer textarea");
    area.focus();
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await animationFrame();
}

const both = () => composer([option("private", 1, { narrower: true }), option("public", 1)]);
const page = () => timeline([message(1, { waiting: true })]);
const sent = { ok: true, message_ids: [50] };
const changes = () => timeline([]);

test("a public answer is open only after a deliberate click", async () => {
    await mountTimeline({ social_timeline: page, social_composer: both });
    expect(".o_social_composer textarea").toHaveCount(0);
    expect(queryAllTexts(".o_social_door .btn")).toEqual(["Reply privately…", "Reply publicly…"]);
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    expect(".o_social_composer").toHaveClass("o_social_public");
    expect(".o_social_composer").toHaveText(/Everyone can read this/);
    expect(".o_social_send").toHaveText("Reply publicly as @acme");
    expect(".o_social_send").not.toBeEnabled();
    expect(".o_social_composer textarea").toBeFocused();
});

test("what the server names as default is open, and it looks private", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer([option("private", 1), option("public", 1)], { default: "private:1:1" }),
    });
    expect(".o_social_composer").toHaveClass("o_social_private");
    expect(".o_social_composer").not.toHaveClass("o_social_public");
    expect(".o_social_send").toHaveText("Reply privately as @acme");
});

test("where the newest cannot be answered, the door leads to the newest that can, and says so", async () => {
    const { named } = await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer([
                option("public", 3, { allowed: false, reason: "It does not name us." }),
                option("private", 3, { allowed: false, reason: "It does not name us." }),
                option("public", 2, { older: true, preview: "my lamp" }),
            ]),
        social_send: () => sent,
        social_timeline_changes: changes,
    });
    // never open by itself, and shut where nothing helps
    expect(".o_social_composer textarea").toHaveCount(0);
    expect(".o_social_door.o_social_private .o_social_way").not.toBeEnabled();
    expect(".o_social_door.o_social_private .o_social_older").toHaveCount(0);
    expect(".o_social_door.o_social_public .o_social_older").toHaveText(
        "Answers an older message of Ann (@ann): “my lamp”. A newer one cannot be answered this way."
    );
    await click(".o_social_door.o_social_public .o_social_way");
    await animationFrame();
    expect(".o_social_composer_target .o_social_older").toHaveText("older message");
    await write("we look into it");
    await click(".o_social_send");
    await animationFrame();
    expect(named("social_send")[0].args[0]).toBe("public:1:2");
});

test("what is newest and can be answered is not called older", async () => {
    await mountTimeline({ social_timeline: page, social_composer: both });
    expect(".o_social_older").toHaveCount(0);
    await click(".o_social_door.o_social_public .o_social_way");
    await animationFrame();
    expect(".o_social_older").toHaveCount(0);
});

test("text never moves to another audience", async () => {
    await mountTimeline({ social_timeline: page, social_composer: both });
    await click(".o_social_door .btn:contains(Reply privately)");
    await animationFrame();
    await write("between us");
    await click(".o_social_composer .btn-close");
    await animationFrame();
    expect(".o_social_door:contains(Reply privately) .o_social_draft_mark").toHaveCount(1);
    expect(".o_social_door:contains(Reply publicly) .o_social_draft_mark").toHaveCount(0);
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("");
    await click(".o_social_composer .btn-close");
    await animationFrame();
    await click(".o_social_door .btn:contains(Reply privately)");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("between us");
});

test("drafts come from the server and go there", async () => {
    const { named } = await mountTimeline({
        social_timeline: page,
        social_composer: () => ({
            ...both(),
            drafts: [{ audience: "public", conversation_id: 1, person_id: 1, text: "kept", attachments: [] }],
        }),
    });
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("kept");
    await write("kept and more");
    await advanceTime(1500);
    expect(named("social_save_draft").at(-1).args).toEqual(["public:1:1", "kept and more", []]);
});

test("one press, one message: keys, double clicks and lost answers", async () => {
    const answer = new Deferred();
    const { named } = await mountTimeline({
        social_timeline: page,
        social_composer: both,
        social_send: () => answer,
        social_timeline_changes: changes,
    });
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    await write("Hello");
    await click(".o_social_send");
    await click(".o_social_send");
    await animationFrame();
    expect(named("social_send")).toHaveLength(1);
    answer.reject(makeServerError({ message: "The connection broke." }));
    await animationFrame();
    expect(".o_social_composer .o_social_error").toHaveText("The connection broke.");
    expect(".o_social_composer textarea").toHaveValue("Hello");
    onRpc("social_send", ({ args }) => {
        expect.step(`key again: ${args[4] === named("social_send")[0].args[3]}`);
        return sent;
    });
    await click(".o_social_send");
    await animationFrame();
    expect.verifySteps(["key again: true"]);
    // the next public answer is a decision of its own
    expect(".o_social_composer textarea").toHaveCount(0);
});

test("a new answer has a new key", async () => {
    const { named } = await mountTimeline({
        social_timeline: page,
        social_composer: () => composer([option("private", 1)], { default: "private:1:1" }),
        social_send: () => sent,
        social_timeline_changes: changes,
    });
    for (const text of ["one", "two"]) {
        await write(text);
        await click(".o_social_send");
        await animationFrame();
        await animationFrame();
    }
    const [first, second] = named("social_send").map((call) => call.args[3]);
    expect(first).not.toBe(second);
    expect(named("social_send")[1].args.slice(0, 3)).toEqual(["private:1:1", "two", []]);
});

test("Ctrl+Enter sends, Enter does not", async () => {
    const { named } = await mountTimeline({
        social_timeline: page,
        social_composer: () => composer([option("private", 1)], { default: "private:1:1" }),
        social_send: () => sent,
        social_timeline_changes: changes,
    });
    await write("Hello");
    await press("Enter");
    await animationFrame();
    expect(named("social_send")).toHaveLength(0);
    await press(["ctrl", "Enter"]);
    await animationFrame();
    expect(named("social_send")).toHaveLength(1);
});

test("what came in meanwhile is shown before anything is sent", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer([option("private", 1)], { default: "private:1:1", seen: { 1: 1 } }),
        social_send: (id, text, files, key, seen) => {
            expect.step(`seen ${seen.id}, ${seen.revisions} older`);
            return { ok: false, stale: [9], error: "Something new came in meanwhile." };
        },
        social_timeline_changes: (ids) => timeline(ids.map((id) => message(id))),
    });
    await write("Hello");
    await click(".o_social_send");
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["seen 1, 0 older"]);
    expect(".o_social_composer .o_social_error").toHaveText("Something new came in meanwhile.");
    expect(".o_social_composer textarea").toHaveValue("Hello");
    expect(queryAllTexts(".o_social_text")).toInclude("text 9");
});

const BOB = { person: "Bob (@bob)", person_id: 2, draft_person_id: 2 };
const ANN = { draft_person_id: 1 };
const opened = async (hear, ids) => {
    await hear(ids);
    await animationFrame();
    await animationFrame();
};

for (const audience of ["private", "public"]) {
    test(`an answer begun for one person never goes to another of the thread: ${audience}`, async () => {
        const narrower = { narrower: audience === "private" };
        const ann = option(audience, 1, { ...ANN, ...narrower });
        const bob = option(audience, 9, { ...BOB, ...narrower });
        let options = [ann];
        const { hear, named } = await mountTimeline({
            social_timeline: page,
            social_composer: (target) => composer(target === 1 ? [ann, ...options] : options),
            social_timeline_changes: (ids) => timeline(ids.map((id) => message(id))),
            social_send: () => sent,
        });
        await click(`.o_social_door .btn:contains(Reply ${audience}ly)`);
        await animationFrame();
        await write("Ann, your invoice is 4711");
        // Bob writes below the same post: the newest of the thread is his
        options = [bob];
        await opened(hear, [9]);
        expect(".o_social_composer").toHaveText(/Ann \(@ann\)/);
        expect(".o_social_composer textarea").toHaveValue("Ann, your invoice is 4711");
        expect(".o_social_composer textarea").toBeFocused();
        expect(named("social_composer").at(-1).args).toEqual([1]);
        await click(".o_social_send");
        await animationFrame();
        expect(named("social_send").at(-1).args.slice(0, 2)).toEqual([
            ann.id,
            "Ann, your invoice is 4711",
        ]);
    });
}

test("the text begun for one of a thread is not there for another", async () => {
    const ways = ["private", "public"].flatMap((audience) => [
        option(audience, 1, { ...ANN, narrower: audience === "private" }),
        option(audience, 2, { ...BOB, narrower: audience === "private" }),
    ]);
    await mountTimeline({ social_timeline: page, social_composer: () => composer(ways) });
    await click(".o_social_door .btn:contains(Reply privately)");
    await animationFrame();
    await write("for Ann alone");
    const select = queryOne(".o_social_composer select");
    for (const [id, text] of [
        ["private:1:2", ""],
        ["private:1:1", "for Ann alone"],
    ]) {
        select.value = id;
        select.dispatchEvent(new Event("change", { bubbles: true }));
        await animationFrame();
        expect(".o_social_composer textarea").toHaveValue(text);
    }
});

test("the same person wrote again: that is what is answered", async () => {
    let options = [option("public", 1, ANN)];
    const { hear, named } = await mountTimeline({
        social_timeline: page,
        social_composer: () => composer(options),
        social_timeline_changes: (ids) => timeline(ids.map((id) => message(id))),
        social_send: () => sent,
    });
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    await write("Dear Ann");
    options = [option("public", 9, ANN)];
    const asked = named("social_composer").length;
    await opened(hear, [9]);
    expect(named("social_composer").length).toBe(asked + 1, { message: "no second question" });
    await click(".o_social_send");
    await animationFrame();
    expect(named("social_send").at(-1).args[0]).toBe("public:1:9");
});

test("a lost log-in says what to do, and keeps the text", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: both,
        social_send: () => {
            throw makeServerError({ errorName: "odoo.http.SessionExpiredException", message: "Session expired" });
        },
    });
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    await write("Dear Ann");
    await click(".o_social_send");
    await animationFrame();
    expect(".o_social_composer .o_social_error").toHaveText(/log in again in another tab/);
    expect(".o_social_composer textarea").toHaveValue("Dear Ann");
});

test("after a public answer the keyboard is one step from taking it back", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: both,
        social_send: () => sent,
        social_timeline_changes: changes,
    });
    await click(".o_social_door .btn:contains(Reply publicly)");
    await animationFrame();
    await write("Dear Ann");
    await press(["ctrl", "enter"]);
    await animationFrame();
    await animationFrame();
    expect(".o_social_door .btn:first").toBeFocused();
});

test("counted as the network counts, in parts when it is long", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () => composer([option("private", 1)], { default: "private:1:1" }),
        social_measure: () => ({ length: 620, limit: 500, parts: ["first (1/2)", "second (2/2)"] }),
    });
    await write("a long story");
    await advanceTime(400);
    await animationFrame();
    expect(".o_social_count").toHaveText("620 / 500");
    await click(".btn:contains(goes out in 2 parts)");
    await animationFrame();
    expect(queryAllTexts(".o_social_parts li")).toEqual(["first (1/2)", "second (2/2)"]);
});

test("windows, quotas, costs and refusals are told before anybody types", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer(
                [
                    option("private", 1, {
                        until: "2001-01-01 00:00:00",
                        remaining: 0,
                        cost: "$0.01",
                        allowed: false,
                        reason: "The time to answer is over.",
                    }),
                ],
                { default: "private:1:1" }
            ),
    });
    expect(queryAllTexts(".o_social_limits span")).toEqual([
        "the time to answer is over",
        "0 more messages",
        "costs $0.01",
    ]);
    expect(".o_social_blocked p").toHaveText("The time to answer is over.");
    // nothing to write in, nothing to press
    expect(".o_social_composer textarea").toHaveCount(0);
    expect(".o_social_send").toHaveCount(0);
});

test("after the time for anything comes one for what a person writes", async () => {
    const shown = async (values) => {
        await mountTimeline({
            social_timeline: page,
            social_composer: () =>
                composer([option("private", 1, values)], { default: "private:1:1" }),
        });
        return queryAllTexts(".o_social_limits span");
    };
    // the page was opened before the first time was over
    expect(
        await shown({
            until: "2001-01-01 00:00:00",
            human_until: "2999-01-02 12:00:00",
        })
    ).toInclude("only what a person writes");
    expect(".o_social_composer textarea").toHaveCount(1);
});

test("what cannot be done from here is done by hand, with the text that was begun", async () => {
    const shut = {
        allowed: false,
        reason: "This person accepts messages from followed people only.",
        url: "https://fake.example/dm/ann",
    };
    await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer([option("private", 1, shut), option("public", 1, { ...shut, url: "javascript:alert(1)" })], {
                drafts: [{ audience: "private", conversation_id: 1, text: "begun", attachments: [] }],
            }),
    });
    // the reason stands at the door, and the way round beside it
    expect(queryAllTexts(".o_social_door small")).toEqual([shut.reason, shut.reason]);
    expect(".o_social_by_hand").toHaveCount(1);
    expect(".o_social_by_hand").toHaveText("Open on Fake");
    expect(".o_social_by_hand").toHaveAttribute("href", shut.url);
    expect(".o_social_by_hand").toHaveAttribute("target", "_blank");
    expect(".o_social_by_hand").toHaveAttribute("rel", /noopener/);
    expect(".o_social_door.o_social_public .o_social_way").not.toBeEnabled();
    // what was begun can still be copied
    await click(".o_social_door.o_social_private .o_social_way");
    await animationFrame();
    expect(".o_social_blocked p").toHaveText(shut.reason);
    expect(".o_social_blocked .o_social_by_hand").toHaveCount(1);
    expect(".o_social_composer textarea").toHaveValue("begun");
    expect(".o_social_send").toHaveCount(0);
});

test("the price follows the text", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer([option("private", 1, { cost: "$0.01", note: "Some do not reach us." })], {
                default: "private:1:1",
            }),
        social_measure: (text) => ({
            length: text.length,
            limit: 500,
            parts: [text],
            cost: text.includes("http") ? "$0.20" : "",
        }),
    });
    expect(queryAllTexts(".o_social_limits span")).toEqual(["costs $0.01"]);
    expect(".o_social_private_note").toHaveText("Some do not reach us.");
    await write("see https://fake.example");
    await advanceTime(400);
    await animationFrame();
    expect(queryAllTexts(".o_social_limits span")).toEqual(["costs $0.20"]);
    await write("see");
    await advanceTime(400);
    await animationFrame();
    expect(queryAllTexts(".o_social_limits span")).toEqual(["costs $0.01"]);
});

test("it takes one line until somebody wants to write", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () => composer([option("private", 1)], { default: "private:1:1" }),
    });
    expect(".o_social_composer").toHaveClass("o_social_rest");
    expect(".o_social_send").not.toBeVisible();
    await click(".o_social_composer textarea");
    await animationFrame();
    expect(".o_social_composer").not.toHaveClass("o_social_rest");
    expect(".o_social_send").toBeVisible();
});

test("a page that could not be made says so, and the form stays", async () => {
    const { record, opened } = await mountTimeline({ social_timeline: page });
    record.data.social_page = { problem: "The messages could not be loaded." };
    await animationFrame();
    await animationFrame();
    expect(".o_social .alert").toHaveText("The messages could not be loaded.");
    record.data.social_page = opened();
    await animationFrame();
    await animationFrame();
    expect(".o_social .alert").toHaveCount(0);
    expect(".o_social_message").toHaveCount(1);
});

test("a click on a message answers that one", async () => {
    const { named } = await mountTimeline({
        social_timeline: () => timeline([message(1), message(2)]),
        social_composer: (target) =>
            typeof target === "number"
                ? composer([option("public", 1), option("private", 1), option("public", 2)])
                : composer([option("public", 2)]),
    });
    await click(".o_social_message:first .o_social_reply:contains(Reply privately)");
    await animationFrame();
    await animationFrame();
    await animationFrame();
    expect(named("social_composer").at(-1).args).toEqual([1]);
    expect(".o_social_composer").toHaveClass("o_social_private");
    expect(".o_social_composer_target").toHaveText(/text 1/);
    expect(".o_social_composer textarea").toBeFocused();
});

test("canned responses by two colons", async () => {
    onRpc("mail.canned.response", "write", () => true);
    const { named } = await mountTimeline({
        social_canned: () => [
            { id: 1, source: "hello", text: "Hello, how may I help?", long: false, left: [] },
            { id: 2, source: "hours", text: "Nine to five.", long: true, left: [] },
        ],
        social_timeline: page,
        social_composer: () => composer([option("private", 1)], { default: "private:1:1" }),
    });
    await write("Dear Ann, ::ho");
    await animationFrame();
    expect(named("social_canned")[0].args).toEqual(["private:1:1"]);
    expect(queryAllTexts(".o_social_canned li strong")).toEqual(["::hours"]);
    expect(".o_social_canned li [aria-label='longer than one post']").toHaveCount(1);
    await press("Enter");
    await animationFrame();
    expect(".o_social_composer textarea").toHaveValue("Dear Ann, Nine to five.");
    expect(".o_social_canned").toHaveCount(0);
});

test("pictures ask for a description", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () => ({
            ...composer([option("private", 1, { media: true, alt: true })], {
                default: "private:1:1",
            }),
            drafts: [
                {
                    audience: "private",
                    conversation_id: 1,
                    text: "",
                    attachments: [
                        { id: 3, name: "a.png", mimetype: "image/png", size: 10, alt: "" },
                    ],
                },
            ],
        }),
    });
    onRpc("ir.attachment", "write", ({ args }) => {
        expect.step(args[1].description);
        return true;
    });
    expect(".o_social_composer_foot").toHaveText(/a picture has no description/);
    expect(".o_social_send").toBeEnabled();
    const input = queryOne(".o_social_files input");
    input.value = " a cat ";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    await animationFrame();
    expect.verifySteps(["a cat"]);
    expect(".o_social_composer_foot").not.toHaveText(/a picture has no description/);
    await click(".o_social_files .btn-close");
    await animationFrame();
    expect(".o_social_files").toHaveCount(0);
});

const withFile = (values = {}) => ({
    ...composer([option("private", 1, { media: true, alt: true, alt_length: 20, ...values })], {
        default: "private:1:1",
    }),
    drafts: [
        {
            audience: "private",
            conversation_id: 1,
            text: "look",
            attachments: [{ id: 3, name: "a.png", mimetype: "image/png", size: 10, alt: "" }],
        },
    ],
});

test("one click says that a picture only decorates", async () => {
    await mountTimeline({ social_timeline: page, social_composer: () => withFile() });
    onRpc("ir.attachment", "write", ({ args }) => {
        expect.step(args[1].description);
        return true;
    });
    expect(".o_social_files input").toHaveAttribute("maxlength", "20");
    await click(".o_social_describe .btn");
    await animationFrame();
    expect.verifySteps([""]);
    expect(".o_social_composer_foot").not.toHaveText(/no description/);
    expect(".o_social_files input").toHaveCount(0);
    await click(".o_social_describe .btn");
    await animationFrame();
    expect.verifySteps([false]);
    expect(".o_social_composer_foot").toHaveText(/no description/);
});

test("what the network does not take is said before it is sent, and keeps it", async () => {
    const { named } = await mountTimeline({
        social_timeline: page,
        social_composer: () => withFile({ accept: "image/jpeg" }),
        social_check_files: (_option, files) => ({
            files: files.map((file) => `${file.name}: convert it.`),
            together: "",
        }),
    });
    await animationFrame();
    expect(".o_social_error").toHaveText("a.png: convert it.");
    expect(".o_social_send").not.toBeEnabled();
    expect("input[type=file]").toHaveAttribute("accept", "image/jpeg");
    expect(named("social_check_files")[0].args).toEqual([
        "private:1:1",
        [{ name: "a.png", mimetype: "image/png", size: 10, alt: "" }],
    ]);
    await click(".o_social_files .btn-close");
    await animationFrame();
    expect(".o_social_error").toHaveCount(0);
    expect(".o_social_send").toBeEnabled();
});

test("a file that is refused is never uploaded", async () => {
    await mountTimeline({
        social_timeline: page,
        social_composer: () =>
            composer([option("private", 1, { media: true })], { default: "private:1:1" }),
        social_check_files: (_option, files) => ({
            files: files.map((file) => (file.size > 3 ? `${file.name} is too large.` : "")),
            together: "",
        }),
    });
    onRpc("/web/binary/upload_attachment", async (request) => {
        const sent = (await request.formData()).getAll("ufile");
        expect.step(sent.map((file) => file.name).join());
        return sent.map((file, id) => ({
            id,
            filename: file.name,
            mimetype: file.type,
            size: file.size,
        }));
    });
    await setFiles([new File(["x"], "a.png"), new File(["x".repeat(9)], "b.png")]);
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["a.png"]);
    expect(queryAllTexts(".o_social_files .text-truncate")).toHaveLength(1);
    expect(".o_social_error").toHaveText("b.png is too large.");
});

async function setFiles(files) {
    const input = queryOne(".o_social_composer input[type=file]", { visible: false });
    const transfer = new DataTransfer();
    for (const file of files) {
        transfer.items.add(file);
    }
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    await animationFrame();
}
