import { Component, onWillDestroy, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { guardConcern } from "../guard/guard_finds";
import { SocialGuardPanel } from "../guard/guard_panel";
import { asProp } from "../social_timeline/social_seams";
import { AUDIENCES } from "../social_timeline/social_words";

/** Quiet time before the network's count is asked for. */
const MEASURE_MS = 300;

/**
 * Other words in place of ours, on the network. It decides nothing: the server looks at
 * everything again, and until the network has taken them the old words stand.
 */
export class SocialEditDialog extends Component {
    static template = "helpdesk_social.EditDialog";
    static components = { Dialog, SocialGuardPanel };
    static props = { message: Object, onDone: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        const { text, revisions, audience } = this.props.message;
        /** what is changed: news of it may come in while somebody writes */
        this.seen = text;
        this.hadVersions = Boolean(revisions.length);
        this.audience = AUDIENCES[audience];
        this.state = useState({
            text,
            files: [],
            error: "",
            refusal: [],
            busy: false,
            gone: false,
            length: 0,
            limit: 0,
            concerns: [],
            measureError: "",
        });
        this.consent = useState({});
        this.soon = useDebounced(() => this.measure(), MEASURE_MS);
        useAutofocus({ refName: "text" });
        this.closed = false;
        onWillDestroy(() => (this.closed = true));
        this.measure();
    }

    // --- as the guard's panel knows its composer --------------------------------------
    get option() {
        const { id, audience, person_id } = this.props.message;
        return { audience, message_id: id, person_id };
    }

    get concerns() {
        return this.state.refusal.length ? this.state.refusal : this.state.concerns;
    }

    get asComposer() {
        // nothing but these words can be said here: there is no other way to offer
        return asProp({
            option: this.option,
            concerns: this.concerns,
            consent: this.consent,
            state: this.state,
            props: { options: [] },
            write: (text) => this.write(text),
            decide: (code, decision) => this.decide(code, decision),
        });
    }

    get guarded() {
        return Boolean(guardConcern(this));
    }

    write(text) {
        this.state.text = text;
        this.changed();
    }

    decide(code, decision) {
        if (decision) {
            this.consent[code] = decision;
        } else {
            delete this.consent[code];
        }
        this.changed();
    }

    // --- what is said of it -----------------------------------------------------------
    get title() {
        return _t("Edit on the network");
    }

    get others() {
        return this.concerns.filter((one) => one.code !== "guard");
    }

    get count() {
        const { length, limit } = this.state;
        return limit ? `${length} / ${limit}` : String(length);
    }

    get tooLong() {
        return Boolean(this.state.limit && this.state.length > this.state.limit);
    }

    get unchanged() {
        return this.state.text.trim() === this.seen.trim();
    }

    get maySave() {
        const { text, busy, gone } = this.state;
        return Boolean(text.trim()) && !this.unchanged && !busy && !gone && !this.tooLong;
    }

    // --- asked ------------------------------------------------------------------------
    changed() {
        this.state.error = "";
        this.state.refusal = [];
        this.soon();
    }

    async measure() {
        const { text } = this.state;
        let found;
        try {
            found = await this.orm.silent.call("helpdesk.social.message", "social_edit_measure", [
                [this.props.message.id],
                text,
                { ...this.consent },
            ]);
        } catch {
            // counting is a comfort; the server counts again when it is saved
            return;
        }
        if (this.closed || text !== this.state.text) {
            return;
        }
        this.state.length = found.length ?? 0;
        this.state.limit = found.limit ?? 0;
        this.state.concerns = found.concerns ?? [];
        this.state.measureError = found.error ?? "";
    }

    async save() {
        if (!this.maySave) {
            return;
        }
        const { message } = this.props;
        Object.assign(this.state, { busy: true, error: "", refusal: [] });
        try {
            const answer = await this.orm.call("helpdesk.social.message", "social_edit", [
                [message.id],
                this.state.text,
                { ...this.consent },
                this.seen,
            ]);
            if (answer.ok) {
                this.props.close();
            } else {
                this.state.error = answer.error;
                this.state.refusal = answer.concerns ?? [];
                this.state.gone = Boolean(answer.gone);
            }
            if (answer.ok || answer.gone) {
                await this.props.onDone();
            }
        } catch (error) {
            // the words may be there: the same once more changes nothing
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
        } finally {
            this.state.busy = false;
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey) && !ev.isComposing) {
            ev.preventDefault();
            ev.stopPropagation();
            this.save();
        }
    }
}
