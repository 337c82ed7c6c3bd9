import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Beside the send button: these words tell people that we are at it, no more. */
export class HoldingPanel extends Component {
    static template = "helpdesk_social.HoldingPanel";
    static props = { composer: Object };

    setup() {
        // the composer starts anew after sending, and with another person
        this.state = useState(this.props.composer.state);
    }

    get checked() {
        return Boolean(this.state.consent.holding);
    }

    toggle(ev) {
        this.props.composer.decide("holding", ev.target.checked);
    }
}

registry.category("helpdesk_social.composer_panels").add("holding", {
    Component: HoldingPanel,
    place: "foot",
    isShown: (composer) => Boolean(composer.desk?.clock),
});

function act(holding, label, icon) {
    return {
        icon,
        label,
        isShown: (message) =>
            message.direction === "out" &&
            Boolean(message.holding) !== holding &&
            ["sent", "delivered", "read"].includes(message.delivery?.state),
        async run({ message, timeline }) {
            await timeline.orm.call("helpdesk.social.message", "action_holding", [
                [message.id],
                holding,
            ]);
            await timeline.heard(false);
        },
    };
}

registry
    .category("helpdesk_social.message_acts")
    .add("holding", act(true, _t("It was a holding statement"), "fa-hourglass-half"))
    .add("not_holding", act(false, _t("It was an answer after all"), "fa-check"));
