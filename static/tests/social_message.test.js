import { describe, expect, test } from "@odoo/hoot";
import { click, queryAllAttributes, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";

import { absent, defineSocialModels, message, mountTimeline, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const held = (kind, values = {}) => ({
    attachment_id: 9,
    kind,
    name: `a.${kind}`,
    mime: "",
    size: 2.4 * 1024 * 1024,
    alt: "",
    url: "/web/content/9",
    thumb: kind === "image" ? "/web/image/9/640x640" : "",
    ...values,
});

const show = (values, more) =>
    mountTimeline({ social_timeline: () => timeline([message(1, values)], more), ...more?.answers });

test("files that are held are shown in the page, with what their author says of them", async () => {
    await show({
        media: [
            held("image", { alt: "A broken lamp" }),
            held("video"),
            held("audio"),
            held("file", { url: "/web/content/9?download=true" }),
        ],
    });
    expect(".o_social_figure img").toHaveAttribute("alt", "A broken lamp");
    expect(".o_social_figure figcaption").toHaveText(/A broken lamp/);
    expect(".o_social_figure video").toHaveAttribute("controls");
    expect(".o_social_figure audio").toHaveAttribute("controls");
    expect("a.o_social_file").toHaveAttribute("href", "/web/content/9?download=true");
    expect("a.o_social_file").toHaveText(/a\.file\s*2\.4\s*MB/);
});

test("what is not held is words and a way out, never embedded", async () => {
    const url = "https://fake.example/lamp.png";
    await show({
        media: [
            absent({ state: "link", words: "Not stored here", url }),
            absent({ state: "expired", words: "Removed after 30 days", size: 340 * 1024 }),
            absent({ state: "failed", words: "Could not be fetched.", again: true }),
            absent({ state: "coming", words: "Being fetched" }),
        ],
    });
    expect(".o_social_figure img, .o_social_figure video").toHaveCount(0);
    expect(queryAllTexts(".o_social_absent small.d-block")).toEqual([
        "Not stored here",
        "Removed after 30 days",
        "Could not be fetched.",
        "Being fetched",
    ]);
    expect(queryAllAttributes(".o_social_absent a", "href")).toEqual([url]);
    expect(".o_social_absent a").toHaveAttribute("rel", "noopener noreferrer nofollow");
    expect(".o_social_absent:eq(0) a").toHaveText(/Open on Fake/);
    expect(".o_social_absent button").toHaveCount(1);
    expect(".o_social_absent:eq(1)").toHaveText(/340\s*kB/);
});

test("an agent asks for a file once more", async () => {
    const media = [absent({ state: "failed", words: "Could not be fetched.", again: true })];
    const { named } = await show(
        { media },
        {
            answers: {
                action_fetch_media: () => true,
                social_timeline_changes: () =>
                    timeline([
                        message(1, { media: [absent({ state: "coming", words: "Being fetched" })] }),
                    ]),
            },
        }
    );
    await click(".o_social_absent button");
    await animationFrame();
    expect(named("action_fetch_media")).toHaveLength(1);
    expect(".o_social_absent").toHaveText(/Being fetched/);
    expect(".o_social_absent button").toHaveCount(0);
});

test("versions: what changed, in words, and which of them was answered", async () => {
    await show({
        text: "the lamp is broken, order 1235",
        edited_at: "2026-01-01 11:00:00",
        answered_before_edit: true,
        handled: { how: "answered", label: "Answered", user_id: 5, at: "2026-01-01 10:30:00" },
        revisions: [
            { at: "2026-01-01 10:00:00", text: "teh lamp", warning: "", media: false },
            {
                at: "2026-01-01 10:15:00.123456",
                text: "the lamp",
                warning: "",
                media: [held("image", { name: "before.png" })],
            },
        ],
    });
    expect(".o_social_notes").toHaveText(/answered before this edit/);
    await click(".o_social_note:contains(edited)");
    await animationFrame();
    expect(".modal").toHaveCount(1);
    expect(queryAllTexts(".o_social_versions > li strong")).toEqual(["Now", "Edited", "At first"]);
    expect(".o_social_versions > li:eq(1)").toHaveText(/Marta answered here/);
    expect(queryAllTexts(".o_social_versions > li:eq(0) ins")).toEqual(["is broken, order 1235"]);
    expect(queryAllTexts(".o_social_versions > li:eq(2) del")).toEqual(["teh"]);
    expect(queryAllTexts(".o_social_versions > li:eq(2) ins")).toEqual(["the"]);
    expect(".o_social_versions > li:last del, .o_social_versions > li:last ins").toHaveCount(0);
    // shown where they came in, told where they went
    expect(".o_social_version_files img").toHaveCount(1);
    expect(".o_social_version:last .o_social_version_files img").toHaveCount(1);
    expect(".o_social_version:first").toHaveText(/Without the files/);
});

test("versions are text, whatever they say", async () => {
    await show({
        text: "<img src=x onerror=alert(1)>",
        edited_at: "2026-01-01 11:00:00",
        revisions: [{ at: "2026-01-01 10:00:00", text: "<b>x</b>", warning: "", media: false }],
    });
    await click(".o_social_note:contains(edited)");
    await animationFrame();
    expect(".o_social_version img, .o_social_version b").toHaveCount(0);
    expect(".o_social_version:last .o_social_text").toHaveText("<b>x</b>");
});

test("our answer says that its question reads differently now", async () => {
    await show({ direction: "out", user_id: 5, parent_edited: true });
    expect(".o_social_notes").toHaveText(/edited by its author after this answer/);
});

test("an edited question waits since its edit, and still says that it was answered", async () => {
    await show({
        at: "2020-01-01 10:00:00",
        edited_at: luxon.DateTime.utc().minus({ minutes: 3 }).toFormat("yyyy-MM-dd HH:mm:ss"),
        waiting: true,
        answered_before_edit: true,
        handled: { how: "answered", label: "Answered", user_id: 5, at: "2020-01-02 10:00:00" },
        revisions: [{ at: "2020-01-01 10:00:00", text: "old", warning: "", media: false }],
    });
    expect(".o_social_notes").toHaveText(/waiting for us for 3 min/);
    expect(".o_social_notes").toHaveText(/answered before this edit/);
});

test("tombstones say who, and whether the words are gone as well", async () => {
    const gone = { deleted_at: "2026-01-01 11:00:00", text: "" };
    await mountTimeline({
        social_timeline: () =>
            timeline([
                message(1, { ...gone, deleted_by: "author", text: "still here" }),
                message(2, { ...gone, deleted_by: "author" }),
                message(3, { ...gone, deleted_by: "network" }),
                message(4, { ...gone, deleted_by: "us", direction: "out" }),
                message(5, { ...gone, deleted_by: "forgotten" }),
            ]),
    });
    const said = queryAllTexts(".o_social_tombstone").map((text) => text.split(" · ")[0]);
    expect(said).toEqual([
        "The author deleted this message",
        "The author deleted this message",
        "The network removed this message",
        "We deleted this message",
        "Forgotten on request",
    ]);
    const removed = queryAllTexts(".o_social_tombstone").map((text) => /words were removed/.test(text));
    expect(removed).toEqual([false, true, true, false, false]);
    expect(".o_social_unfold").toHaveCount(1);
});

test("an answer from the network's own app is marked as such", async () => {
    await show({ direction: "out", origin: "native", delivery: false });
    expect(".o_social_tag").toHaveText("in the network's app");
    expect(".o_social_name").toHaveText("ACME");
});
