import { Component } from "@odoo/owl";

import { registry } from "@web/core/registry";

/** Answers that a triage rule suggests for the message that is answered. */
export class InboxCanned extends Component {
    static template = "helpdesk_social.InboxCanned";
    static props = { composer: Object };

    get answers() {
        const { composer } = this.props;
        return composer.desk?.canned?.[composer.option?.message_id] ?? [];
    }

    use(answer) {
        const { composer } = this.props;
        const text = composer.state.text.trimEnd();
        composer.write(text ? `${text}\n${answer.text}` : answer.text);
    }
}

registry.category("helpdesk_social.composer_panels").add("rule_canned", {
    Component: InboxCanned,
    place: "head",
    isShown: (composer) =>
        Boolean(composer.desk?.canned?.[composer.option?.message_id]?.length),
});
