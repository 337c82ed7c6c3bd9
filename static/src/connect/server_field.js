/**
 * The server's address, named as the network's adapter names it and with its hint. One
 * row like those of the other settings; decides nothing.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CharField } from "@web/views/fields/char/char_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export class SocialServerField extends Component {
    static template = "helpdesk_social.ServerField";
    static components = { CharField };
    static props = { ...standardFieldProps, placeholder: { type: String, optional: true } };

    get label() {
        return this.props.record.data.server_label || "";
    }

    get help() {
        return this.props.record.data.server_help || "";
    }
}

registry.category("fields").add("helpdesk_social_server", {
    component: SocialServerField,
    displayName: _t("Server of a social account"),
    supportedTypes: ["char"],
    extractProps: ({ attrs }) => ({ placeholder: attrs.placeholder }),
});
