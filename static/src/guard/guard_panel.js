import { Component, useEffect, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { guardConcern, ICONS, privateWay, without, wordsAt } from "./guard_finds";

/** A reason shorter than this is none; the server asks for the same. */
const REASON_LEAST = 5;

/**
 * Under a public text: what of it is private, and the three ways on. It decides nothing:
 * the server looks again when the answer is sent, and when it leaves.
 */
export class SocialGuardPanel extends Component {
    static template = "helpdesk_social.GuardPanel";
    static props = { composer: Object };

    setup() {
        this.icons = ICONS;
        this.reason = useRef("reason");
        this.state = useState({ asking: false, reason: "" });
        useEffect(
            (asking) => {
                if (asking) {
                    this.reason.el?.focus();
                }
            },
            () => [this.state.asking]
        );
    }

    get concern() {
        return guardConcern(this.props.composer);
    }

    get details() {
        return this.concern.details;
    }

    get blocks() {
        return this.concern.effect === "block";
    }

    get title() {
        return this.props.composer.option.audience === "group"
            ? _t("Not for the group:")
            : _t("Not for everybody:");
    }

    get finds() {
        const { composer } = this.props;
        return this.details.finds.map((find, index) => ({
            ...find,
            index,
            icon: ICONS[find.kind] ?? "fa-eye-slash",
            words: find.file
                ? composer.state.files.find((one) => one.id === find.file)?.name ?? ""
                : wordsAt(composer.state.text, find, this.details.length) ?? "",
        }));
    }

    get way() {
        return privateWay(this.props.composer);
    }

    get reasonIsGood() {
        return this.state.reason.trim().length >= REASON_LEAST;
    }

    get given() {
        return this.props.composer.consent.guard?.override ?? "";
    }

    removeWords(find) {
        return find.file
            ? _t("Remove the file %s", find.words)
            : _t("Remove “%s” from the text", find.words);
    }

    remove(find) {
        const { composer } = this.props;
        if (find.file) {
            const file = composer.state.files.find((one) => one.id === find.file);
            if (file) {
                composer.removeFile(file);
            }
            return;
        }
        const text = without(composer.state.text, find, this.details.length);
        if (text !== null) {
            composer.write(text);
        }
    }

    /** The only time that a text changes its audience: to fewer, and by a click. */
    sendPrivately() {
        const { composer, way } = { composer: this.props.composer, way: this.way };
        const before = composer.option;
        const { text } = composer.state;
        const files = composer.state.files.map((file) => ({ ...file }));
        composer.choose(way.id);
        const kept = composer.state.text.trim();
        const known = new Set(composer.state.files.map((file) => file.id));
        composer.state.files.push(...files.filter((file) => !known.has(file.id)));
        composer.write([kept, text].filter(Boolean).join("\n\n"));
        if (composer.state.files.length) {
            composer.checkFiles();
        }
        // nothing of it stays behind as the draft of a public answer
        composer.drafts.save(before, "", []);
    }

    sendAnyway() {
        if (!this.reasonIsGood) {
            return;
        }
        // for what is shown here, and nothing else: the server compares
        const { marks } = this.details;
        this.props.composer.decide("guard", { override: this.state.reason.trim(), marks });
        this.state.asking = false;
    }

    takeBack() {
        this.props.composer.decide("guard", false);
        this.state.asking = false;
    }

    onReasonKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            ev.stopPropagation();
            this.sendAnyway();
        } else if (ev.key === "Escape") {
            ev.preventDefault();
            ev.stopPropagation();
            this.state.asking = false;
        }
    }
}

registry.category("helpdesk_social.composer_panels").add("guard", {
    Component: SocialGuardPanel,
    place: "below",
    isShown: (composer) => Boolean(composer.option && guardConcern(composer)),
});
