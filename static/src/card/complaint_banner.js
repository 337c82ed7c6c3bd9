import { Component, onWillUnmount, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { usePace } from "../live/live_pace";

/** On leads and orders: the contact complains in public, and waits for our answer. */
export class SocialComplaint extends Component {
    static template = "helpdesk_social.Complaint";
    static props = { ...standardWidgetProps, contact: String };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.live = useService("helpdesk_social_live");
        this.state = useState({ told: false });
        const heard = usePace(() => this.ask());
        onWillUnmount(
            this.live.listenContacts(() => [this.partnerId], () => this.partnerId && heard())
        );
        useRecordObserver(async (record) => {
            const partner = record.data[this.props.contact];
            await this.look(partner?.id ?? false);
        });
    }

    async look(partnerId) {
        if (partnerId === this.partnerId) {
            return;
        }
        this.partnerId = partnerId;
        this.state.told = false;
        if (!partnerId) {
            return;
        }
        await this.ask();
    }

    async ask() {
        const { partnerId } = this;
        const told = await this.orm.silent.call("res.partner", "social_complaint", [[partnerId]]);
        if (partnerId === this.partnerId) {
            this.state.told = told;
        }
    }

    get words() {
        const { count, name } = this.state.told;
        return count === 1
            ? _t("%s complains in public, and waits for our answer.", name)
            : _t("%(name)s complains in public: %(count)s messages wait for our answer.", {
                  name,
                  count,
              });
    }

    async openHistory() {
        const action = await this.orm.call("res.partner", "action_view_social_history", [
            [this.partnerId],
        ]);
        this.action.doAction(action);
    }
}

registry.category("view_widgets").add("helpdesk_social_complaint", {
    component: SocialComplaint,
    extractProps: ({ attrs }) => ({ contact: attrs.contact }),
});
