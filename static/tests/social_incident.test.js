import { describe, expect, test } from "@odoo/hoot";
import { click, edit, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";

import { makeServerError } from "@web/../tests/web_test_helpers";

import { composer, defineSocialModels, message, mountTimeline, timeline } from "./social_fixtures";

describe.current.tags("desktop");
defineSocialModels();

const incident = (values = {}) => ({
    people: 214,
    messages: 240,
    waiting: 180,
    last_ten: 12,
    last_hour: 60,
    since: "2026-01-01 10:00:00",
    last: "2026-01-01 11:59:00",
    over: false,
    others: 19,
    root: { id: 3, preview: "We raise our prices", permalink: "", own: true },
    holding: false,
    paced: false,
    ...values,
});

async function open(values, answers = {}) {
    mockDate("2026-01-01 12:00:00", +0);
    const told = incident(values);
    return mountTimeline({
        social_timeline: () => timeline([message(1)]),
        social_composer: () => composer([], { desk: { incident: told } }),
        social_people: () => ({
            total: 2,
            waiting: 2,
            people: [1, 2].map((id) => ({ id, waiting: 1, role: "starter", accounts: [], audiences: [], conversations: [], last: "2026-01-01 10:00:00" })),
            labels: { 1: { name: "Ann", handle: "@ann", avatar: "" }, 2: { name: "Bob", handle: "@bob", avatar: "" } },
        }),
        ...answers,
    });
}

test("how large, how fast, below what", async () => {
    await open();
    const words = document.querySelector(".o_social_incident").textContent;
    for (const part of ["Incident", "214 people", "12 in 10 min, 60 in an hour", "180 wait for us", "2 h", "Below our post", "We raise our prices", "Merge 19 earlier tickets"]) {
        expect(words).toInclude(part);
    }
});

test("a holding statement is said once, with one key however often it is pressed", async () => {
    let ok = false;
    const { named } = await open(
        {},
        { social_incident_hold: () => (ok ? { ok, message_ids: [9] } : { ok, error: "Not in public." }) }
    );
    await click(".o_social_incident .btn:contains(Holding)");
    await animationFrame();
    await click(".modal textarea");
    await edit("We are at it.");
    await click(".modal .btn-primary");
    await animationFrame();
    expect(".modal [role=alert]").toHaveText("Not in public.");
    ok = true;
    await click(".modal .btn-primary");
    await animationFrame();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    const [first, second] = named("social_incident_hold");
    expect(first.args[0]).toBe("We are at it.");
    expect(first.args[1]).toBe(second.args[1]);
});

test("where one stands there is no second, and all see what it says", async () => {
    await open({ holding: { id: 9, out: true, label: "Sent", preview: "We are at it." } });
    expect(".o_social_incident .btn:contains(Holding)").toHaveCount(0);
    expect(".o_social_incident_holding").toHaveText(/All were told \(Sent\): We are at it\./);
});

test("some people are answered; whoever is not is named", async () => {
    const { named } = await open(
        {},
        {
            social_incident_answer: () => ({
                ok: true,
                planned: 1,
                left: [{ person: "@bob", error: "Not to Bob." }],
                until: "2026-01-01 12:30:00",
                error: "",
            }),
        }
    );
    await click(".o_social_incident .btn:contains(Answer people)");
    await animationFrame();
    expect(".modal .btn-primary").toHaveText("Answer 180 people publicly");
    expect(".modal .btn-primary").toHaveAttribute("disabled");
    await click(".modal textarea:first");
    await edit("Sorry {{handle}}");
    await click("#o_social_many_some");
    await animationFrame();
    expect(queryAllTexts(".o_social_many label")).toEqual(["Ann @ann", "Bob @bob"]);
    await click("#o_social_many1");
    await animationFrame();
    expect(".modal .btn-primary").toHaveText("Answer 1 people publicly");
    await click(".modal .btn-primary");
    await animationFrame();
    await animationFrame();
    expect(named("social_incident_answer")[0].args.slice(0, 2)).toEqual([["Sorry {{handle}}"], [1]]);
    expect(".modal li").toHaveText("@bob: Not to Bob.");
});

test("what one request cannot plan is planned by the next", async () => {
    const answers = [
        { ok: true, planned: 499, left: [{ person: "@bob", message_id: 7, error: "Not to Bob." }], more: 2 },
        { ok: true, planned: 2, left: [], more: 0 },
    ];
    const { named } = await open({}, { social_incident_answer: () => answers.shift() });
    await click(".o_social_incident .btn:contains(Answer people)");
    await animationFrame();
    await click(".modal textarea:first");
    await edit("Sorry {{handle}}");
    await animationFrame();
    await click(".modal .btn-primary");
    await animationFrame();
    await animationFrame();
    await animationFrame();
    const [first, second] = named("social_incident_answer");
    expect(first.args).toEqual([["Sorry {{handle}}"], null, []]);
    // who was refused does not stand before the others
    expect(second.args).toEqual([["Sorry {{handle}}"], null, [7]]);
    expect(".modal p").toHaveText(/501 answers leave one after the other/);
    expect(".modal li").toHaveText("@bob: Not to Bob.");
});

test("progress, and stop", async () => {
    const { named } = await open(
        { paced: { total: 10, sent: 4, coming: 5, passed: 1, failed: 0, approval: 0, until: "2026-01-01 12:30:00" } },
        { social_incident_stop: () => 5 }
    );
    expect(".o_social_incident_paced span").toHaveText(/4 of 10 answered · 5 to come until .* · 1 passed over/);
    await click(".o_social_incident .btn:contains(Stop)");
    await animationFrame();
    await animationFrame();
    expect(named("social_incident_stop")).toHaveLength(1);
    expect(".o_social_incident [role=status]").toHaveText("Stopped: 5 people are not answered");
});

test("what fails is said", async () => {
    await open(
        {},
        {
            social_incident_gather: () => {
                throw makeServerError({ message: "Not now." });
            },
        }
    );
    await click(".o_social_incident .btn:contains(Merge)");
    await animationFrame();
    await click(".modal .btn-primary");
    await animationFrame();
    await animationFrame();
    expect(".o_social_incident [role=alert]").toHaveText("Not now.");
});
