import { Component, onWillStart, status, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { newKey } from "../social_timeline/social_text";

/** people offered one by one; beyond that only all of them can be chosen */
const OFFERED = 200;
const MOST_WORDINGS = 10;
/** people whom one request plans an answer for; the server's own limit */
const PORTION = 500;

function reasonOf(error) {
    return error.data?.message || _t("That did not work. Please try again.");
}

/** One public sentence for all, below the post. */
export class SocialHoldingDialog extends Component {
    static template = "helpdesk_social.HoldingDialog";
    static components = { Dialog };
    static props = {
        ticketId: Number,
        root: { optional: true },
        onDone: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        // a second press of the button makes no second statement
        this.key = newKey();
        this.state = useState({
            text: _t("We see your messages and are looking into it. We will answer here."),
            busy: false,
            error: "",
        });
        useAutofocus({ refName: "text" });
    }

    async say() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            const answer = await this.orm.call("helpdesk.ticket", "social_incident_hold", [
                [this.props.ticketId],
                this.state.text,
                this.key,
            ]);
            if (answer.ok) {
                this.props.close();
                await this.props.onDone();
            } else {
                this.state.error = answer.error;
            }
        } catch (error) {
            this.state.error = reasonOf(error);
        } finally {
            this.state.busy = false;
        }
    }
}

/** One answer for many people, each in their turn. */
export class SocialAnswerManyDialog extends Component {
    static template = "helpdesk_social.AnswerManyDialog";
    static components = { Dialog };
    static props = {
        ticketId: Number,
        waiting: Number,
        onDone: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            wordings: ["", ""],
            people: [],
            labels: {},
            chosen: {},
            some: false,
            busy: false,
            error: "",
            done: null,
            planned: 0,
            more: 0,
        });
        this.portion = PORTION;
        useAutofocus({ refName: "wording" });
        onWillStart(() => this.load());
    }

    async load() {
        const found = await this.orm.call("helpdesk.ticket", "social_people", [
            [this.props.ticketId],
            0,
            OFFERED,
        ]);
        this.state.people = found.people.filter((one) => one.waiting);
        this.state.labels = found.labels;
    }

    get mayAdd() {
        return this.state.wordings.length < MOST_WORDINGS;
    }

    get number() {
        return this.state.some
            ? this.state.people.filter((one) => this.state.chosen[one.id]).length
            : this.props.waiting;
    }

    get buttonWords() {
        return _t("Answer %s people publicly", this.number);
    }

    get mayAnswer() {
        return this.number && this.state.wordings.some((one) => one.trim()) && !this.state.busy;
    }

    async answer() {
        if (!this.mayAnswer) {
            return;
        }
        const { chosen, people, some, wordings } = this.state;
        const all = { planned: 0, left: [] };
        this.state.busy = true;
        this.state.error = "";
        try {
            const asked = [
                wordings.filter((one) => one.trim()),
                some ? people.map((one) => one.id).filter((id) => chosen[id]) : null,
            ];
            let answer;
            do {
                // what one request cannot plan is planned by the next
                answer = await this.orm.call("helpdesk.ticket", "social_incident_answer", [
                    [this.props.ticketId],
                    ...asked,
                    all.left.map((one) => one.message_id),
                ]);
                all.planned += answer.planned ?? 0;
                all.left.push(...(answer.left ?? []));
                this.state.planned = all.planned;
                this.state.more = answer.more ?? 0;
            } while (answer.more && status(this) !== "destroyed");
            if (!all.planned) {
                this.state.error = answer.error || all.left[0]?.error || "";
            } else if (all.left.length) {
                this.state.done = all;
            } else {
                this.props.close();
            }
        } catch (error) {
            this.state.error = reasonOf(error);
        } finally {
            this.state.busy = false;
            if (all.planned) {
                await this.props.onDone();
            }
        }
    }
}
