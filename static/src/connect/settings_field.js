/**
 * The settings an adapter asks for, as ordinary form rows: a password box where the
 * setting is secret, and folded away what hardly anybody needs. Decides nothing: which
 * settings there are, and of what kind, comes from the server.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField } from "@web/views/fields/char/char_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export class SocialSettingsField extends Component {
    static template = "helpdesk_social.SettingsField";
    static components = { CharField };
    static props = {
        ...standardFieldProps,
        scope: { type: String, optional: true },
        secret: { type: String, optional: true },
    };

    setup() {
        // undefined until somebody has opened or closed it
        this.state = useState({ unfolded: undefined });
    }

    get plain() {
        return this.lines.filter(({ data }) => !data.advanced);
    }

    get folded() {
        return this.lines.filter(({ data }) => data.advanced);
    }

    /** What differs from the defaults is never hidden by itself. */
    get unfolded() {
        return this.state.unfolded ?? this.folded.some(({ data }) => data.filled);
    }

    get lines() {
        const { scope, secret } = this.props;
        return this.props.record.data[this.props.name].records.filter(
            ({ data }) =>
                (!scope || data.scope === scope) &&
                (!secret || data.secret === (secret === "yes"))
        );
    }

    inputId(line) {
        return `social_setting_${line.data.key}`;
    }

    placeholder(line) {
        if (line.data.stored) {
            return _t("Stored. Leave empty to keep it.");
        }
        return line.data.required ? _t("Needed") : "";
    }
}

registry.category("fields").add("helpdesk_social_settings", {
    component: SocialSettingsField,
    displayName: _t("Settings of a social account"),
    supportedTypes: ["one2many"],
    supportedOptions: [
        { label: _t("Only of"), name: "scope", type: "string" },
        { label: _t("Only secret ones, or only others"), name: "secret", type: "string" },
    ],
    extractProps: ({ options }) => ({ scope: options.scope, secret: options.secret }),
    relatedFields: [
        { name: "key", type: "char" },
        { name: "scope", type: "char" },
        { name: "label", type: "char" },
        { name: "help", type: "char" },
        { name: "required", type: "boolean" },
        { name: "secret", type: "boolean" },
        { name: "stored", type: "boolean" },
        { name: "advanced", type: "boolean" },
        { name: "filled", type: "boolean" },
        // the others are for looking only, which is what Odoo takes for granted
        { name: "value", type: "char", readonly: false },
    ],
});
