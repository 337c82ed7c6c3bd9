/** Where "Move to private" is found: beside a public message, and in a public answer. */

import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { SocialHandoffDialog } from "./handoff_dialog";

/** What somebody else said to us where others read it. */
function isMovable(message) {
    return (
        message.direction === "in" &&
        message.audience !== "private" &&
        !message.context &&
        !message.deleted_at &&
        Boolean(message.person_id)
    );
}

registry.category("helpdesk_social.message_acts").add("handoff", {
    icon: "fa-user-secret",
    label: _t("Move to private…"),
    isShown: isMovable,
    run: ({ message, timeline }) =>
        timeline.dialog.add(SocialHandoffDialog, {
            ticketId: timeline.ticketId,
            messageId: message.id,
            onDone: async (answer) => {
                if (answer.undo) {
                    timeline.undo.wait(answer.message_ids, answer.undo);
                }
                await timeline.refresh(answer.message_ids);
                if (answer.open) {
                    await timeline.reply(message, "private");
                }
            },
        }),
});

/** In the row of buttons of a public answer: what is private goes another way. */
export class SocialHandoffPanel extends Component {
    static template = "helpdesk_social.HandoffPanel";
    static props = { composer: Object };

    setup() {
        this.dialog = useService("dialog");
    }

    open() {
        const { composer } = this.props;
        const { option } = composer;
        this.dialog.add(SocialHandoffDialog, {
            ticketId: composer.props.ticketId,
            messageId: option.message_id,
            onDone: (answer) => {
                composer.props.onSent(answer.message_ids, answer);
                const way = composer.props.options.find(
                    (one) => one.message_id === option.message_id && one.audience === "private"
                );
                if (answer.open && way) {
                    composer.choose(way.id);
                }
            },
        });
    }
}

registry.category("helpdesk_social.composer_panels").add("handoff", {
    Component: SocialHandoffPanel,
    place: "foot",
    isShown: ({ option }) => Boolean(option && option.audience !== "private" && option.person_id),
});
