/** What is done with a reply that has not left: take it back, approve it, talk about it. */

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { SocialApprovalDialog } from "./approval_dialog";

const acts = registry.category("helpdesk_social.message_acts");

function open({ message, timeline }) {
    timeline.dialog.add(SocialApprovalDialog, {
        message,
        onDone: () => timeline.refresh([message.id]),
    });
}

acts.add("approve", {
    icon: "fa-check-square-o",
    label: _t("Approve or send back…"),
    primary: true,
    isShown: (message) => Boolean(message.approval?.may_decide),
    run: open,
});

acts.add("talk_about", {
    icon: "fa-comment-o",
    label: _t("Talk about it…"),
    primary: true,
    isShown: ({ approval }) =>
        approval?.state === "waiting" && approval.mine && !approval.may_decide,
    run: open,
});

acts.add("undo", {
    icon: "fa-undo",
    label: _t("Undo"),
    primary: true,
    isShown: (message) => Boolean(message.delivery?.undo_until),
    run: ({ message, timeline }) => timeline.takeBack(message),
});
