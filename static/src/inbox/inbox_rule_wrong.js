/** On the ticket's page: "this rule was wrong", beside what else a message offers. */

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("helpdesk_social.message_acts").add("rule_wrong", {
    icon: "fa-magic",
    label: _t("The rule was wrong"),
    isShown: (message) => Boolean(message.rules?.length) && !message.rule_wrong,
    async run({ message, timeline, env }) {
        const { services } = env;
        const result = await services.orm.call("helpdesk.social.inbox", "act", [
            "wrong",
            [message.id],
        ]);
        await timeline.refresh([message.id]);
        if (!result.undo) {
            return;
        }
        const close = services.notification.add(_t("Noted. It counts against the rule."), {
            type: "success",
            buttons: [
                {
                    name: _t("Undo"),
                    primary: true,
                    async onClick() {
                        close();
                        await services.orm.call("helpdesk.social.inbox", "take_back", [result.undo]);
                        await timeline.refresh([message.id]);
                    },
                },
            ],
        });
    },
});
