import { Component, onMounted, onWillStart, onWillUpdateProps, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** What the browser calls a language; its code where it has no word for it. */
export function languageName(code, shown = document.documentElement.lang || "en") {
    try {
        const names = new Intl.DisplayNames([shown.replace("_", "-")], { type: "language" });
        return names.of(code.replace("_", "-")) || code;
    } catch {
        return code;
    }
}

/** Of one name in several languages, the one for somebody who reads `wanted`. */
export function inLanguage(templates, wanted) {
    const short = (code) => code.replace("_", "-").split("-")[0].toLowerCase();
    const order = (one) => [!one.usable, short(one.language) !== wanted, short(one.language) !== "en"];
    return [...templates].sort((one, other) => {
        const [a, b] = [order(one), order(other)];
        const at = a.findIndex((value, index) => value !== b[index]);
        return at < 0 ? 0 : a[at] - b[at];
    })[0];
}

/** Is anything still to be filled by hand? */
export function isFull(fields, values) {
    return fields.every((field) => field.kind !== "text" || (values[field.name] ?? "").trim());
}

/**
 * Approved words for when free ones are not allowed: which, in which language, what
 * stands in their gaps, and what the person will read. The composer sends them.
 */
export class SocialTemplatePanel extends Component {
    static template = "helpdesk_social.TemplatePanel";
    static props = { composer: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ known: null, error: "", loading: false, values: {} });
        this.optionId = this.props.composer.option.id;
        const names = useRef("names");
        onMounted(() => names.el?.focus());
        onWillStart(() => this.load());
        onWillUpdateProps((next) => {
            const { option } = next.composer;
            if (option && option.id !== this.optionId) {
                this.optionId = option.id;
                return this.load();
            }
        });
    }

    async load(refresh = false) {
        this.state.loading = true;
        try {
            const found = await this.orm.call("helpdesk.ticket", "social_templates", [
                [this.props.composer.props.ticketId],
                this.optionId,
                refresh,
            ]);
            this.state.known = found;
            this.state.error = found.error;
        } catch (error) {
            this.state.error =
                error.data?.message || _t("The templates could not be fetched. Try again.");
        }
        this.state.loading = false;
    }

    get chosen() {
        const { template } = this.props.composer.state;
        return this.templates.find((one) => one.id === template?.id);
    }

    get templates() {
        return this.state.known?.templates ?? [];
    }

    /** One entry per name; those that cannot be used come last and say why. */
    get names() {
        const names = [...new Set(this.templates.map((one) => one.name))];
        return names.map((name) => {
            const one = inLanguage(this.languages(name), this.state.known.language);
            return { name, usable: one.usable, why: one.why };
        });
    }

    languages(name) {
        return this.templates.filter((one) => one.name === name);
    }

    words(entry) {
        const name = entry.name.replaceAll("_", " ");
        return entry.usable ? name : _t("%(name)s – %(why)s", { name, why: entry.why });
    }

    languageName(code) {
        return languageName(code);
    }

    chooseName(name) {
        const found = inLanguage(this.languages(name), this.state.known.language);
        this.choose(found?.id);
    }

    choose(id) {
        const one = this.templates.find((each) => each.id === Number(id));
        if (!one) {
            this.props.composer.take({ id: false, values: {}, files: 0, full: false });
            return;
        }
        const values = Object.fromEntries(one.fields.map((field) => [field.name, field.value]));
        this.tell(one, values);
    }

    fill(name, value) {
        this.tell(this.chosen, { ...this.props.composer.state.template.values, [name]: value });
    }

    tell(one, values) {
        this.props.composer.take({
            id: one.id,
            values,
            files: one.fields.filter((field) => field.kind !== "text").length,
            full: isFull(one.fields, values),
        });
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey) && !ev.isComposing) {
            ev.preventDefault();
            ev.stopPropagation();
            this.props.composer.send();
        }
    }

    get gaps() {
        return this.chosen.fields.filter((field) => field.kind === "text");
    }

    get needsFile() {
        return this.chosen.fields.some((field) => field.kind !== "text");
    }

    get price() {
        if (!this.chosen.price_known) {
            return _t("price not known");
        }
        return this.chosen.price ? _t("costs %s", this.chosen.price) : "";
    }
}

/** The way in: a button, where approved words may be sent and none are chosen yet. */
export class SocialTemplateDoor extends Component {
    static template = "helpdesk_social.TemplateDoor";
    static props = { composer: Object };

    open() {
        this.props.composer.take({ id: false, values: {}, files: 0, full: false });
    }
}

const panels = registry.category("helpdesk_social.composer_panels");
panels.add("templates", {
    Component: SocialTemplatePanel,
    place: "head",
    isShown: (composer) => Boolean(composer.state.template && composer.option?.template),
});
panels.add("template_door_blocked", {
    Component: SocialTemplateDoor,
    place: "head",
    isShown: (composer) =>
        Boolean(composer.option?.template?.allowed && composer.blocked && !composer.state.template),
});
panels.add("template_door", {
    Component: SocialTemplateDoor,
    place: "foot",
    isShown: (composer) => Boolean(composer.option?.template?.allowed && !composer.state.template),
});
