/** Where a text belongs: the audience, the thread and, where several write, the person. */
function keyOf(audience, thread, person) {
    return `${audience}:${thread}:${person || 0}`;
}

/**
 * What was begun and not sent, per audience, thread and person: on the server, so that it
 * is there on another computer too. A text begun for one is never given to another.
 */
export class SocialDrafts {
    constructor(orm, ticketId, drafts) {
        this.orm = orm;
        this.ticketId = ticketId;
        this.known = new Map(
            drafts.map((draft) => [
                keyOf(draft.audience, draft.conversation_id, draft.person_id),
                draft,
            ])
        );
        this.kept = "";
    }

    key(option) {
        return keyOf(option.audience, option.conversation_id, option.draft_person_id);
    }

    same(one, other) {
        return this.key(one) === this.key(other);
    }

    get(option) {
        return this.known.get(this.key(option));
    }

    forget(option) {
        this.known.delete(this.key(option));
        this.kept = "";
    }

    /** Keep it here at once and on the server soon after. */
    async save(option, text, files) {
        const before = this.get(option);
        if (text.trim() || files.length) {
            this.known.set(this.key(option), {
                text,
                attachments: files.map((file) => ({ ...file })),
            });
        } else {
            this.known.delete(this.key(option));
            if (!before) {
                return;
            }
        }
        const ids = files.map((file) => file.id);
        const print = JSON.stringify([this.key(option), text, ids]);
        if (print === this.kept) {
            return;
        }
        this.kept = print;
        try {
            await this.orm.silent.call("helpdesk.ticket", "social_save_draft", [
                [this.ticketId],
                option.id,
                text,
                ids,
            ]);
        } catch {
            // the text is still on the screen; the next pause tries again
            this.kept = "";
        }
    }
}
