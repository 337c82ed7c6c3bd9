import { describe, expect, test } from "@odoo/hoot";

import { SocialThread } from "@helpdesk_social/social_timeline/social_thread";

describe.current.tags("headless");

const message = (id, at, values = {}) => ({ id, at, direction: "in", ...values });
const payload = (messages, values = {}) => ({
    messages,
    above: [],
    accounts: {},
    people: {},
    users: {},
    conversations: {},
    waiting: 0,
    has_more: false,
    before: false,
    ...values,
});

test("pages join without doubles", () => {
    const thread = new SocialThread();
    thread.load(payload([message(3, "b"), message(4, "c")], { has_more: true, before: "x" }));
    thread.prepend(payload([message(1, "a"), message(3, "b")]));
    expect(thread.ids).toEqual([1, 3, 4]);
    expect(thread.hasMore).toBe(false);
});

test("what comes late stands where the network's clock puts it", () => {
    const thread = new SocialThread();
    thread.load(payload([message(1, "2026-01-01 10:00:00"), message(2, "2026-01-01 12:00:00")]));
    const fresh = thread.update(
        payload([message(9, "2026-01-01 11:00:00"), message(8, "2026-01-01 12:00:00.000001")]),
        [9, 8]
    );
    expect(fresh).toEqual([9, 8]);
    expect(thread.ids).toEqual([1, 9, 2, 8]);
});

test("a changed message is replaced, one that left is gone", () => {
    const thread = new SocialThread();
    thread.load(payload([message(1, "a", { text: "old" }), message(2, "b")]));
    const fresh = thread.update(payload([message(1, "a", { text: "new" })]), [1, 2]);
    expect(fresh).toEqual([]);
    expect(thread.ids).toEqual([1]);
    expect(thread.message(1).text).toBe("new");
});

test("news of pages that are not shown do not tear a hole", () => {
    const thread = new SocialThread();
    thread.load(payload([message(5, "e")], { has_more: true }));
    expect(thread.update(payload([message(1, "a")]), [1])).toEqual([]);
    expect(thread.ids).toEqual([5]);
});
