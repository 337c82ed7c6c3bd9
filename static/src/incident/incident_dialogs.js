import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";

import { newKey } from "../social_timeline/social_text";

/** people offered one by one; beyond that only all of them can be chosen */
const OFFERED = 200;
const MOST_WORDINGS = 10;

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
        });
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
        this.state.busy = true;
        this.state.error = "";
        try {
            const answer = await this.orm.call("helpdesk.ticket", "social_incident_answer", [
                [this.props.ticketId],
                wordings.filter((one) => one.trim()),
                some ? people.map((one) => one.id).filter((id) => chosen[id]) : null,
            ]);
            if (!answer.ok) {
                this.state.error = answer.error;
            } else if (answer.left.length) {
                this.state.done = answer;
            } else {
                this.props.close();
            }
            if (answer.ok) {
                await this.props.onDone();
            }
        } catch (error) {
            this.state.error = reasonOf(error);
        } finally {
            this.state.busy = false;
        }
    }
}
