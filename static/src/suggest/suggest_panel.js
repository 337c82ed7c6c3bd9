import { Component, onWillDestroy, useEffect, useRef, useState } from "@odoo/owl";

import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** What one sees of a suggestion at most before it is unfolded: two lines, as wide as the
 *  card is. */
const PREVIEW = 400;
const KEYS = ["1", "2", "3"];
/** How much is shown: a line only, once something is written; chips; whole texts. */
const [LINE, CHIPS, TEXTS] = ["line", "chips", "texts"];

/**
 * What might be answered, asked for when somebody begins to write and not before.
 *
 * A suggestion is put into the composer by a person, never by itself; what stood there
 * before stays, and one click takes the suggestion out again.
 */
export class SocialSuggest extends Component {
    static template = "helpdesk_social.Suggest";
    static props = { composer: Object };

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        this.state = useState({ found: [], show: CHIPS, taken: null, acted: 0 });
        this.gone = false;
        onWillDestroy(() => (this.gone = true));
        useEffect(
            (optionId) => {
                this.ask(optionId);
            },
            () => [this.props.composer.option?.id]
        );
        // who took one or sent one away goes on writing, whatever was clicked
        useEffect(
            (acted) => {
                if (acted) {
                    this.props.composer.textarea.el?.focus();
                }
            },
            () => [this.state.acted]
        );
        for (const key of KEYS) {
            useHotkey(`alt+${key}`, () => this.take(this.state.found[key - 1]), {
                bypassEditableProtection: true,
                area: () => this.root.el?.closest(".o_social_composer"),
                isAvailable: () => Boolean(this.state.found[key - 1]),
            });
        }
    }

    async call(method, ...args) {
        const { ticketId } = this.props.composer.props;
        return this.orm.silent.call("helpdesk.ticket", method, [[ticketId], ...args]);
    }

    async ask(optionId) {
        Object.assign(this.state, { found: [], taken: null });
        if (!optionId) {
            return;
        }
        let found = [];
        try {
            found = await this.call("social_suggest", optionId, this.props.composer.state.text);
        } catch {
            // a comfort: who cannot be helped writes alone
        }
        const { composer } = this.props;
        if (!this.gone && optionId === composer.option?.id) {
            this.state.found = found;
            this.state.show = composer.state.text.trim() ? LINE : CHIPS;
        }
    }

    unfold() {
        this.state.show = this.state.show === CHIPS ? TEXTS : CHIPS;
    }

    shown(one) {
        return this.state.show === TEXTS ? one.text : this.preview(one);
    }

    preview(one) {
        const text = one.text.replace(/\s+/g, " ");
        return text.length > PREVIEW ? `${text.slice(0, PREVIEW - 1)}…` : text;
    }

    hint(one) {
        const words = [one.why];
        if (one.long) {
            words.push(_t("longer than one post"));
        }
        if (one.left.length) {
            words.push(_t("to be filled in: %s", one.left.join(", ")));
        }
        return words.join(" · ");
    }

    /** Into the composer: below what stands there. */
    take(one) {
        const { composer } = this.props;
        if (!one || composer.state.sending) {
            return;
        }
        const before = composer.state.text;
        this.state.show = LINE;
        this.state.acted++;
        if (before.includes(one.text)) {
            return;
        }
        const after = before.trim() ? `${before.replace(/\s+$/, "")}\n${one.text}` : one.text;
        this.state.taken = { before, after };
        composer.write(after);
        this.judge(one, "accepted", one.text);
    }

    /** Only while nothing was written since: an undo must not eat words either. */
    get mayUndo() {
        return this.state.taken?.after === this.props.composer.state.text;
    }

    undo() {
        this.props.composer.write(this.state.taken.before);
        this.state.taken = null;
        this.state.acted++;
    }

    dismiss(one) {
        this.state.found = this.state.found.filter((other) => other.id !== one.id);
        this.state.acted++;
        this.judge(one, "dismissed", "");
    }

    judge(one, how, filled) {
        const { option } = this.props.composer;
        this.call("social_suggest_feedback", option.id, one.id, how, filled).catch(() => {
            // an opinion that is lost harms nobody
        });
    }
}

registry.category("helpdesk_social.composer_panels").add("suggest", {
    Component: SocialSuggest,
    place: "below",
    isShown: (composer) => Boolean(composer.option) && !composer.resting && !composer.blocked,
});
