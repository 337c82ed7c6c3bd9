import { Component, onWillDestroy, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

const SHOWN = 8;

/** The answers kept under "::", while one is being typed; keys come from the textarea. */
export class SocialCanned extends Component {
    static template = "helpdesk_social.Canned";
    static props = {
        ticketId: Number,
        optionId: String,
        term: String,
        onChoose: Function,
        provideKeys: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.all = [];
        this.state = useState({ at: 0 });
        onWillStart(async () => {
            // for this network and language, filled for who will read it
            this.all = await this.orm.silent.call("helpdesk.ticket", "social_canned", [
                [this.props.ticketId],
                this.props.optionId,
            ]);
        });
        onWillUpdateProps((next) => {
            if (next.term !== this.props.term) {
                this.state.at = 0;
            }
        });
        this.props.provideKeys((ev) => this.onKey(ev));
        onWillDestroy(() => this.props.provideKeys(null));
    }

    get found() {
        const term = this.props.term.toLocaleLowerCase();
        return this.all
            .filter((one) => one.source.toLocaleLowerCase().includes(term))
            .slice(0, SHOWN);
    }

    choose(canned) {
        this.props.onChoose(canned.text);
        this.orm.silent
            .write("mail.canned.response", [canned.id], {
                last_used: luxon.DateTime.utc().toFormat("yyyy-MM-dd HH:mm:ss"),
            })
            .catch(() => {}); // shared ones are read-only for most people
    }

    /** @returns {boolean} whether the key was for the list */
    onKey(ev) {
        const count = this.found.length;
        if (!count || ev.ctrlKey || ev.metaKey) {
            return false;
        }
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            this.state.at = (this.state.at + (ev.key === "ArrowDown" ? 1 : count - 1)) % count;
        } else if (ev.key === "Enter" || ev.key === "Tab") {
            this.choose(this.found[this.state.at]);
        } else {
            return false;
        }
        ev.preventDefault();
        ev.stopPropagation();
        return true;
    }
}
