/** A ticket's answers as the server gives them, for tests of the page. */

import { reactive } from "@odoo/owl";

import { mailModels } from "@mail/../tests/mail_test_helpers";

import {
    defineModels,
    mockService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";

import { socialLiveService } from "@helpdesk_social/social_timeline/social_live_service";
import { SocialTimeline } from "@helpdesk_social/social_timeline/social_timeline";

class HelpdeskTicket extends models.Model {
    _name = "helpdesk.ticket";
    _records = [{ id: 7 }, { id: 8 }];
}

class HelpdeskSocialMessage extends models.Model {
    _name = "helpdesk.social.message";
    _records = [];
}

export function defineSocialModels() {
    defineModels({ ...mailModels, HelpdeskTicket, HelpdeskSocialMessage });
}

export function message(id, values = {}) {
    return {
        id,
        conversation_id: 1,
        account_id: 1,
        also: [],
        person_id: 1,
        user_id: false,
        direction: "in",
        origin: "customer",
        audience: "public",
        context: false,
        text: `text ${id}`,
        warning: "",
        language: "",
        permalink: "",
        at: `2026-01-01 10:00:${String(id % 60).padStart(2, "0")}`,
        received_at: "2026-01-01 10:00:00",
        late: false,
        edited_at: false,
        deleted_at: false,
        deleted_by: "",
        revisions: [],
        answered_before_edit: false,
        parent_edited: false,
        media: [],
        parent: false,
        waiting: false,
        handled: false,
        liked: false,
        hidden: false,
        reactions: [],
        why: "",
        delivery: false,
        above: [],
        ...values,
    };
}

/** A file that is not held here. */
export function absent(values = {}) {
    return {
        attachment_id: false,
        ref: "r",
        kind: "image",
        name: "lamp.png",
        mime: "image/png",
        size: 0,
        alt: "",
        url: "",
        thumb: "",
        state: "missing",
        words: "",
        error: "",
        again: false,
        ...values,
    };
}

export function timeline(messages, values = {}) {
    return {
        ticket_id: 7,
        now: "2026-01-01 12:00:00",
        messages,
        above: [],
        accounts: {
            1: {
                id: 1,
                name: "@acme",
                title: "ACME",
                network: {
                    id: 1,
                    code: "fake",
                    name: "Fake",
                    icon: "",
                    color: "#123456",
                    can: ["reply_public", "reply_private", "like", "delete"],
                },
            },
        },
        conversations: {},
        people: {
            1: {
                id: 1,
                name: "Ann",
                handle: "@ann",
                url: "https://fake.example/ann",
                avatar: "",
                verified: false,
                bot: false,
                shared: false,
                followers: 0,
                partner: false,
            },
        },
        users: { 5: { id: 5, name: "Marta", avatar: "" } },
        waiting: 0,
        may_add: false,
        has_more: false,
        before: false,
        ...values,
    };
}

export function option(audience, messageId, values = {}) {
    return {
        id: `${audience}:1:${messageId}`,
        audience,
        account_id: 1,
        account: "@acme",
        message_id: messageId,
        conversation_id: 1,
        person: "Ann (@ann)",
        person_id: 1,
        draft_person_id: audience === "public" ? 1 : false,
        preview: `text ${messageId}`,
        waiting: false,
        narrower: false,
        older: false,
        network: "Fake",
        label: audience === "public" ? "Reply publicly as @acme" : "Reply privately as @acme",
        allowed: true,
        reason: "",
        until: false,
        remaining: null,
        cost: "",
        max_length: null,
        url: "",
        note: "",
        media: false,
        alt: false,
        ...values,
    };
}

export function composer(options, values = {}) {
    return { options, default: false, drafts: [], seen: {}, desk: {}, ...values };
}

/**
 * The page on ticket 7, with a server that answers what ``answers`` says.
 *
 * @param {Record<string, (...args: any[]) => any>} answers by name of the method
 * @param {HTMLElement} [target] what it stands in
 */
export async function mountTimeline(answers, target) {
    const calls = [];
    const all = {
        social_timeline: () => timeline([]),
        social_composer: () => composer([]),
        social_measure: (text) => ({ length: text.length, limit: 500, parts: [text] }),
        social_check_files: (_option, files) => ({ files: files.map(() => ""), together: "" }),
        social_save_draft: () => true,
        social_suggest: () => [],
        social_suggest_feedback: () => true,
        social_canned: () => [],
        social_presence: () => true,
        social_people: () => ({ total: 1, waiting: 0, people: [], labels: {} }),
        ...answers,
    };
    for (const [name, answer] of Object.entries(all)) {
        onRpc(name, ({ args, kwargs }) => {
            calls.push({ name, args: args.slice(1), kwargs });
            return answer(...args.slice(1), kwargs);
        });
    }
    // the page as it opens comes with the record; later both halves are one request
    const ask = (name, ...args) => {
        calls.push({ name, args });
        return all[name](...args);
    };
    const opened = () => ({ timeline: ask("social_timeline", {}), composer: ask("social_composer") });
    onRpc("social_changes", ({ args: [, ids] }) =>
        ids
            ? { timeline: ask("social_timeline_changes", ids), composer: ask("social_composer") }
            : opened()
    );
    const record = reactive({
        resId: 7,
        data: { social_page: opened() },
        isDirty: async () => false,
        load: async () => {},
    });
    // what the bus brings is said by the test: `hear(ids)`
    let hear;
    mockService("helpdesk_social_live", {
        listen(_ticketId, callback) {
            hear = callback;
            return () => {};
        },
        listenAll: () => () => {},
        listenContacts: () => () => {},
    });
    await mountWithCleanup(SocialTimeline, {
        props: { record, readonly: false },
        ...(target && { target }),
    });
    const named = (name) => calls.filter((call) => call.name === name);
    return { all, calls, hear: (ids) => hear(ids), named, opened, record };
}

/** The service itself, on a bus that only tests speak on. */
export function fakeLive() {
    const heard = {};
    const channels = [];
    const bus = {
        addChannel: (name) => channels.push(name),
        deleteChannel: (name) => channels.splice(channels.indexOf(name), 1),
        subscribe: (name, callback) => {
            heard[name] = callback;
        },
    };
    const live = socialLiveService.start({}, { bus_service: bus });
    const say = (name) => (notice) => heard[`helpdesk_social/${name}`](notice);
    return { live, channels, notify: say("changed"), publish: say("public") };
}
