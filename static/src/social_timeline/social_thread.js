/**
 * What one ticket's page knows: pages of messages merged into one line of time.
 *
 * Order is the network's clock, then the id; both are compared as the server sent
 * them. Nothing here speaks to the server.
 */

export class SocialThread {
    constructor() {
        this.messages = [];
        this.above = new Map();
        this.accounts = {};
        this.people = {};
        this.users = {};
        this.conversations = {};
        this.hasMore = false;
        this.before = false;
        this.waiting = 0;
        this.mayAdd = false;
        /** who takes part, where that is more than one; see people/people_strip.js */
        this.participants = null;
    }

    /** The newest page, from scratch. */
    load(payload) {
        this.messages = [];
        this.above = new Map();
        this._learn(payload);
        this.messages = payload.messages;
        this.hasMore = payload.has_more;
        this.before = payload.before;
    }

    /** A page above what is shown. */
    prepend(payload) {
        this._learn(payload);
        const known = new Set(this.messages.map((message) => message.id));
        this.messages = [
            ...payload.messages.filter((message) => !known.has(message.id)),
            ...this.messages,
        ];
        this.hasMore = payload.has_more;
        this.before = payload.before;
    }

    /**
     * The present state of some messages.
     *
     * @param {number[]} ids what was asked for: what did not come back has left
     * @returns {number[]} ids of received messages that are new here
     */
    update(payload, ids) {
        this._learn(payload);
        const known = new Map(this.messages.map((message) => [message.id, message]));
        const fresh = [];
        for (const id of ids) {
            known.delete(id);
        }
        const oldest = this.messages[0];
        for (const message of payload.messages) {
            if (this.hasMore && oldest && compare(message, oldest) < 0) {
                continue; // on a page that is not loaded yet
            }
            if (!this.messages.some((one) => one.id === message.id)) {
                fresh.push(message.id);
            }
            known.set(message.id, message);
        }
        this.messages = [...known.values()].sort(compare);
        return fresh;
    }

    get newestId() {
        return Math.max(0, ...this.messages.map((message) => message.id));
    }

    get ids() {
        return this.messages.map((message) => message.id);
    }

    message(id) {
        return this.messages.find((message) => message.id === id) || this.above.get(id);
    }

    _learn(payload) {
        Object.assign(this.accounts, payload.accounts);
        Object.assign(this.people, payload.people);
        Object.assign(this.users, payload.users);
        Object.assign(this.conversations, payload.conversations);
        for (const message of payload.above) {
            this.above.set(message.id, message);
        }
        if (payload.participants) {
            this.participants = payload.participants;
            Object.assign(this.people, payload.participants.labels);
        }
        this.waiting = payload.waiting;
        this.mayAdd = payload.may_add;
    }
}

export function compare(one, other) {
    if (one.at !== other.at) {
        return one.at < other.at ? -1 : 1;
    }
    return one.id - other.id;
}
