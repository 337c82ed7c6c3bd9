/** A customer shows own data to everybody: one click hides it and invites to private. */

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const acts = registry.category("helpdesk_social.message_acts");

function isExposed(message) {
    return Boolean(message.exposed?.length) && !message.deleted_at && message.direction === "in";
}

function canHide(message, thread) {
    const network = thread.accounts[message.account_id]?.network;
    return Boolean(network?.can.includes("hide")) && !message.hidden;
}

/** The way the hand-off goes, where there is one; else a text that asks for it. */
async function invite({ message, timeline, env }) {
    const handoff = acts.get("handoff", null);
    if (handoff && (!handoff.isShown || handoff.isShown(message, timeline.thread))) {
        await handoff.run({ message, timeline, env });
        return;
    }
    await timeline.reply(
        message,
        message.audience,
        _t(
            "To protect you: please delete your message, it shows personal data to everybody. Write to us in private, and we go on there."
        )
    );
}

acts.add("guard_hide", {
    icon: "fa-eye-slash",
    label: _t("Hide and invite to private"),
    primary: true,
    isShown: (message, thread) => isExposed(message) && canHide(message, thread),
    async run(context) {
        const { message, timeline } = context;
        if (await timeline.acts.perform(message, "hide")) {
            await invite(context);
        }
    },
});

acts.add("guard_invite", {
    icon: "fa-lock",
    label: _t("Invite to private"),
    primary: true,
    isShown: (message, thread) => isExposed(message) && !canHide(message, thread),
    run: invite,
});
