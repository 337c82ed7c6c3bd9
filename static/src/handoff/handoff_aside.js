import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** What a person has to decide: two people who may be one, a thread still open in public. */
export class SocialHandoffAside extends Component {
    static template = "helpdesk_social.HandoffAside";
    static props = { timeline: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ busy: false, error: "" });
    }

    get same() {
        return (this.props.timeline.desk.same || []).map((one) => ({
            ...one,
            question: _t(
                "%(came)s (%(came_network)s) came with the invitation of %(invited)s (%(invited_network)s): the same person?",
                one
            ),
        }));
    }

    get openInPublic() {
        return Boolean(this.props.timeline.desk.open_in_public);
    }

    async attempt(method, args = []) {
        const { timeline } = this.props;
        this.state.busy = true;
        this.state.error = "";
        try {
            return await this.orm.call("helpdesk.ticket", method, [[timeline.ticketId], ...args]);
        } catch (error) {
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
            return null;
        } finally {
            this.state.busy = false;
        }
    }

    async decide(method, one) {
        const { timeline } = this.props;
        const ticketId = await this.attempt(method, [one.id]);
        if (this.state.error) {
            return;
        }
        if (ticketId && ticketId !== timeline.ticketId) {
            // the conversation went on to the ticket that invited
            await this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "helpdesk.ticket",
                res_id: ticketId,
                views: [[false, "form"]],
            });
        } else {
            await timeline.refresh(false);
        }
    }

    async closeInPublic() {
        const { timeline } = this.props;
        const offer = await this.attempt("social_close_in_public");
        if (offer) {
            await timeline.reply({ id: offer.message_id }, offer.audience, offer.text);
        } else {
            await timeline.heard(false);
        }
    }

    async leaveOpen() {
        await this.attempt("social_leave_open");
        await this.props.timeline.heard(false);
    }
}

registry.category("helpdesk_social.timeline_aside").add("handoff", {
    Component: SocialHandoffAside,
    isShown: ({ desk }) => Boolean(desk && ((desk.same && desk.same.length) || desk.open_in_public)),
});
