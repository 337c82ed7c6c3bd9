import { Component, useState } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { safeUrl } from "../social_timeline/social_text";
import { clock, full, span } from "../social_timeline/social_time";
import { SocialAnswerManyDialog, SocialHoldingDialog } from "./incident_dialogs";

/** How an incident goes: how many people, how fast, what all were told, who was answered. */
export class SocialIncident extends Component {
    static template = "helpdesk_social.Incident";
    static props = { timeline: Object };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.safeUrl = safeUrl;
        this.full = full;
        this.span = span;
        this.state = useState({ busy: false, words: "", error: "" });
    }

    get incident() {
        return this.props.timeline.desk.incident;
    }

    get speedWords() {
        const { last_ten, last_hour } = this.incident;
        if (!last_hour) {
            return _t("quiet for an hour");
        }
        return _t("%(ten)s in 10 min, %(hour)s in an hour", { ten: last_ten, hour: last_hour });
    }

    get waitingWords() {
        const { waiting } = this.incident;
        return waiting ? _t("%s wait for us", waiting) : _t("nobody waits");
    }

    get progressWords() {
        const { total, sent, coming, passed, failed, until } = this.incident.paced;
        const words = [_t("%(sent)s of %(total)s answered", { sent, total })];
        if (coming && until) {
            words.push(_t("%(coming)s to come until %(until)s", { coming, until: clock(until) }));
        } else if (coming) {
            words.push(_t("%s to come", coming));
        }
        if (passed) {
            words.push(_t("%s passed over", passed));
        }
        if (failed) {
            words.push(_t("%s failed", failed));
        }
        return words.join(" · ");
    }

    /** Ask the server, then show what has become of it. */
    async call(name, args = []) {
        const { timeline } = this.props;
        this.state.busy = true;
        this.state.error = this.state.words = "";
        try {
            const answer = await this.orm.call("helpdesk.ticket", name, [
                [timeline.ticketId],
                ...args,
            ]);
            await timeline.refresh(false);
            return answer;
        } catch (error) {
            this.state.error =
                error.data?.message || _t("That did not work. Please try again.");
            return null;
        } finally {
            this.state.busy = false;
        }
    }

    hold() {
        this.dialog.add(SocialHoldingDialog, {
            ticketId: this.props.timeline.ticketId,
            root: this.incident.root,
            onDone: () => this.props.timeline.refresh(false),
        });
    }

    answerMany() {
        this.dialog.add(SocialAnswerManyDialog, {
            ticketId: this.props.timeline.ticketId,
            waiting: this.incident.waiting,
            onDone: () => this.props.timeline.refresh(false),
        });
    }

    gather() {
        const { others } = this.incident;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Merge the earlier tickets?"),
            body: _t(
                "%s tickets were opened for people of this thread before it was an incident. Those that are assigned to somebody stay. Each merge can be taken back.",
                others
            ),
            confirmLabel: _t("Merge"),
            confirm: async () => {
                const done = await this.call("social_incident_gather");
                if (done) {
                    this.state.words = done.left
                        ? _t("%(merged)s merged, %(left)s left alone", done)
                        : _t("%s merged", done.merged);
                }
            },
            cancel: () => {},
        });
    }

    async stop() {
        const stopped = await this.call("social_incident_stop");
        if (stopped !== null) {
            this.state.words = _t("Stopped: %s people are not answered", stopped);
        }
    }
}

registry.category("helpdesk_social.timeline_aside").add(
    "incident",
    { Component: SocialIncident, isShown: ({ desk }) => Boolean(desk.incident) },
    { sequence: 10 }
);
