/**
 * The check list of a connection: what works and what does not, as the server found it.
 * Shows lines; decides nothing. Marks differ in shape and are read aloud.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const MARKS = {
    good: { icon: "fa-check-circle text-success", label: _t("Works") },
    warn: { icon: "fa-exclamation-triangle text-warning", label: _t("Look at this") },
    bad: { icon: "fa-times-circle text-danger", label: _t("Does not work") },
    off: { icon: "fa-circle-o text-muted", label: _t("Not yet") },
};

export class SocialChecklistField extends Component {
    static template = "helpdesk_social.ChecklistField";
    static props = { ...standardFieldProps };

    get lines() {
        return this.props.record.data[this.props.name] || [];
    }

    mark(name) {
        return MARKS[name] || MARKS.off;
    }

    when(at) {
        return deserializeDateTime(at).toRelative();
    }

    moment(at) {
        return formatDateTime(deserializeDateTime(at));
    }
}

registry.category("fields").add("helpdesk_social_checklist", {
    component: SocialChecklistField,
    displayName: _t("Check list of a social account"),
    supportedTypes: ["json"],
});
