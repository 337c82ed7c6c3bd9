import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { edit, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";

import { mailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    makeMockServer,
    makeServerError,
    MockServer,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

import { SOON_MS } from "@helpdesk_social/live/live_pace";
import {
    CHANNEL,
    COALESCE_MS,
    LINGER_MS,
} from "@helpdesk_social/social_timeline/social_live_service";

import { fakeLive } from "./social_fixtures";

describe.current.tags("desktop");

class ResPartner extends mailModels.ResPartner {
    _name = "res.partner";
    comment = fields.Char();
    social_complaint_count = fields.Integer();
    social_identity_ids = fields.One2many({ relation: "helpdesk.social.identity" });
}

class HelpdeskSocialIdentity extends models.Model {
    _name = "helpdesk.social.identity";
    name = fields.Char();
    _records = [{ id: 1, name: "@ann" }];
}

class HelpdeskTicket extends models.Model {
    _name = "helpdesk.ticket";
    name = fields.Char();
    note = fields.Char();
    social_page = fields.Json();
    _records = [
        { id: 7, name: "Lamp", note: "first" },
        { id: 8, name: "Chair", note: "second" },
    ];
}

class HelpdeskSocialMessage extends models.Model {
    _name = "helpdesk.social.message";
    text = fields.Char();
    _records = [{ id: 1, text: "hello" }];
}

defineModels({
    ...mailModels,
    ResPartner,
    HelpdeskSocialIdentity,
    HelpdeskTicket,
    HelpdeskSocialMessage,
});

const FORM = `
    <form>
        <div class="banner" invisible="not social_complaint_count">complains</div>
        <field name="name"/>
        <field name="comment"/>
        <field name="social_complaint_count"/>
        <field name="social_identity_ids"><list><field name="name"/></list></field>
    </form>`;

let service;
beforeEach(async () => {
    await makeMockServer();
    service = fakeLive();
    mockService("helpdesk_social_live", service.live);
});

const server = (model, id, values) => MockServer.env[model].write([id], values);

async function soon() {
    await advanceTime(COALESCE_MS);
    await advanceTime(SOON_MS + 1);
    await animationFrame();
}

/** A contact and its form; what is read again is a step. */
async function openContact(onRead = (names) => expect.step(names.join())) {
    const [id] = [MockServer.env["res.partner"].create({ name: "Ann", comment: "old" })];
    await mountView({ type: "form", resModel: "res.partner", resId: id, arch: FORM });
    onRpc("res.partner", "web_read", ({ kwargs }) => {
        onRead(Object.keys(kwargs.specification));
    });
    return id;
}

test("a contact's banner, counters and identities change in place", async () => {
    const id = await openContact();
    expect(".banner").toHaveCount(0);
    server("res.partner", id, { social_complaint_count: 2, social_identity_ids: [1] });
    service.publish({ ticket_ids: [], message_ids: [5], partner_ids: [id] });
    await soon();
    expect(".banner").toHaveCount(1);
    expect(queryAllTexts(".o_data_row")).toEqual(["@ann"]);
    // only what this addon shows is read again
    expect.verifySteps(["social_complaint_count,social_identity_ids"]);
});

test("other contacts' news are not looked at", async () => {
    const id = await openContact();
    service.publish({ ticket_ids: [7], message_ids: [5], partner_ids: [id + 1] });
    service.publish({ ticket_ids: [7], message_ids: [5] });
    await soon();
    expect.verifySteps([]);
    // too many to name
    service.publish({ ticket_ids: [], message_ids: false, partner_ids: false });
    await soon();
    expect.verifySteps(["social_complaint_count,social_identity_ids"]);
});

test("what is being typed stays, and what was typed is not saved by it", async () => {
    onRpc("web_save", () => expect.step("saved"));
    const id = await openContact();
    await contains(".o_field_widget[name=comment] input").click();
    await edit("half a sent", { confirm: false });
    server("res.partner", id, { social_complaint_count: 1, comment: "of somebody else" });
    service.publish({ ticket_ids: [], message_ids: [], partner_ids: [id] });
    await soon();
    expect(".banner").toHaveCount(1);
    expect(queryOne(".o_field_widget[name=comment] input")).toHaveValue("half a sent");
    expect(document.activeElement).toBe(queryOne(".o_field_widget[name=comment] input"));
    expect.verifySteps(["social_complaint_count,social_identity_ids"]);
});

test("a ticket shows what a colleague changed, but for what one changes oneself", async () => {
    await mountView({
        type: "form",
        resModel: "helpdesk.ticket",
        resId: 7,
        arch: `<form><field name="name"/><field name="note"/><field name="social_page" invisible="1"/></form>`,
    });
    onRpc("helpdesk.ticket", "web_read", ({ kwargs }) =>
        expect.step(Object.keys(kwargs.specification).join())
    );
    await contains(".o_field_widget[name=note] input").edit("mine");
    server("helpdesk.ticket", 7, { name: "Lamp, broken", note: "theirs" });
    service.notify({ ticket_ids: [7], message_ids: [] });
    await soon();
    expect(".o_field_widget[name=name] input").toHaveValue("Lamp, broken");
    expect(".o_field_widget[name=note] input").toHaveValue("mine");
    expect(".o_form_status_indicator_buttons").not.toHaveClass("invisible");
    expect.verifySteps(["name,display_name"]);
});

test("a record that is gone or closed to one is left as it stands", async () => {
    const id = await openContact();
    onRpc("res.partner", "web_read", () => {
        throw makeServerError({ type: "AccessError" });
    });
    service.publish({ ticket_ids: [], message_ids: [], partner_ids: [id] });
    await soon();
    expect(".o_form_view").toHaveCount(1);
    expect(".o_dialog").toHaveCount(0);
});

test("lists of messages, boards of contacts: read again when something on them changed", async () => {
    onRpc("web_search_read", ({ model }) => expect.step(model));
    const id = MockServer.env["res.partner"].create({ name: "Ann" });
    await mountView({
        type: "kanban",
        resModel: "res.partner",
        domain: [["id", "=", id]],
        arch: `<kanban><templates><t t-name="card"><field name="name"/><field name="social_complaint_count"/></t></templates></kanban>`,
    });
    expect.verifySteps(["res.partner"]);
    server("res.partner", id, { social_complaint_count: 3 });
    service.publish({ ticket_ids: [], message_ids: [5], partner_ids: [id + 1] });
    await soon();
    expect.verifySteps([]);
    service.publish({ ticket_ids: [], message_ids: [5], partner_ids: [id] });
    await soon();
    expect.verifySteps(["res.partner"]);
    expect(queryAllTexts(".o_kanban_record:not(.o_kanban_ghost)")).toEqual(["Ann\n3"]);
});

test("filtered by complaints, any contact may have to appear", async () => {
    onRpc("web_search_read", ({ model }) => expect.step(model));
    await mountView({
        type: "list",
        resModel: "res.partner",
        domain: [["social_complaint_count", ">", 0]],
        arch: `<list><field name="name"/><field name="social_complaint_count"/></list>`,
    });
    expect.verifySteps(["res.partner"]);
    service.publish({ ticket_ids: [], message_ids: [5], partner_ids: [12345] });
    await soon();
    expect.verifySteps(["res.partner"]);
});

test("lists of contacts that show nothing of ours are left alone", async () => {
    await mountView({
        type: "list",
        resModel: "res.partner",
        arch: `<list><field name="name"/></list>`,
    });
    expect(service.channels).toEqual([]);
});

test("what becomes late by itself is looked for by the minute", async () => {
    onRpc("web_search_read", ({ model }) => expect.step(model));
    await mountView({
        type: "list",
        resModel: "helpdesk.ticket",
        domain: [["name", "!=", "social_due"]],
        arch: `<list><field name="name"/></list>`,
    });
    expect.verifySteps(["helpdesk.ticket"]);
    await advanceTime(60000);
    await soon();
    expect.verifySteps(["helpdesk.ticket"]);
});

test("while news do not stop the screen looks less and less often", async () => {
    let looks = 0;
    const id = await openContact(() => looks++);
    for (let second = 0; second < 120; second++) {
        service.publish({ ticket_ids: [], message_ids: [second], partner_ids: [id] });
        await advanceTime(1000);
    }
    // after 1, 1.5, 2.3 … and then every 15 seconds: not 120 times
    expect(looks).toBeGreaterThan(5);
    expect(looks).toBeLessThan(20);
});

test("the channel is asked for while a screen needs it, and a while longer", async () => {
    const { channels, live, publish } = service;
    const stop = live.listenContacts(
        () => [3],
        () => expect.step("heard")
    );
    const stopToo = live.listenContacts(
        () => false,
        () => {}
    );
    expect(channels).toEqual([CHANNEL]);
    publish({ ticket_ids: [], message_ids: [1], partner_ids: [3, 4] });
    publish({ ticket_ids: [], message_ids: [2], partner_ids: [3] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps(["heard"]);
    stop();
    stop();
    await advanceTime(LINGER_MS);
    expect(channels).toEqual([CHANNEL]);
    stopToo();
    await advanceTime(LINGER_MS - 1);
    const stopLast = live.listen(7, () => {});
    await advanceTime(LINGER_MS);
    expect(channels).toEqual([CHANNEL]);
    stopLast();
    await advanceTime(LINGER_MS);
    expect(channels).toEqual([]);
    publish({ ticket_ids: [], message_ids: [3], partner_ids: [3] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps([]);
});

test("a ticket's page hears of it by either channel; more than can be named is told to all", async () => {
    const { live, notify, publish } = service;
    const stop = live.listen(7, (ids) => expect.step(ids ? `${ids}` : "everything"));
    publish({ ticket_ids: [7], message_ids: [1] });
    notify({ ticket_ids: [7], message_ids: [1, 2] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps(["1,2"]);
    publish({ ticket_ids: false, message_ids: false });
    await advanceTime(COALESCE_MS);
    expect.verifySteps(["everything"]);
    publish({ partner_ids: [3], ticket_ids: [] , message_ids: [] });
    await advanceTime(COALESCE_MS);
    expect.verifySteps([]);
    stop();
});
