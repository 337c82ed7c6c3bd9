import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { newKey } from "../social_timeline/social_text";

/** Quiet time before the note is measured. */
const MEASURE_MS = 300;
const ICONS = {
    direct: "fa-lock",
    direct_post: "fa-lock",
    private_reply: "fa-lock",
    link: "fa-link",
    page: "fa-key",
};

/**
 * Moves one person from public to private: a way, what is said in public, and the first
 * words in private. The two are written in two fields that look as different as they are.
 */
export class SocialHandoffDialog extends Component {
    static template = "helpdesk_social.HandoffDialog";
    static components = { Dialog };
    static props = { ticketId: Number, messageId: Number, onDone: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.icons = ICONS;
        this.key = newKey();
        this.state = useState({
            ways: [],
            person: "",
            wayId: "",
            says: true,
            note: "",
            text: "",
            measured: {},
            error: "",
            busy: false,
            link: "",
            waits: "",
        });
        this.measureSoon = useDebounced(() => this.measure(), MEASURE_MS);
        onWillStart(() => this.load());
    }

    async load() {
        try {
            const found = await this.call("social_handoff_ways", [this.props.messageId]);
            this.state.ways = found.ways;
            this.state.person = found.person;
            const first = found.ways.find((way) => way.allowed);
            if (first) {
                this.choose(first.id);
            } else {
                this.state.error = _t("There is no way into private for this person now.");
            }
        } catch (error) {
            this.state.error = error.data?.message || _t("That did not work. Please try again.");
        }
    }

    call(method, args) {
        // what a person sends from the form may be taken back for a moment
        const context = { social_undo: true };
        return this.orm.silent.call("helpdesk.ticket", method, [[this.props.ticketId], ...args], {
            context,
        });
    }

    get way() {
        return this.state.ways.find((way) => way.id === this.state.wayId);
    }

    choose(wayId) {
        const before = this.way;
        this.state.wayId = wayId;
        // words of ours follow the way; what somebody wrote stays
        if (!before || this.state.note === before.note) {
            this.state.note = this.way.note;
        }
        this.state.error = "";
        this.measureSoon();
    }

    edited() {
        this.state.error = "";
        this.measureSoon();
    }

    async measure() {
        const { wayId, note, text, says } = this.state;
        if (!says || !wayId) {
            this.state.measured = {};
            return;
        }
        let measured;
        try {
            measured = await this.call("social_handoff_measure", [
                this.props.messageId,
                wayId,
                note,
                text,
            ]);
        } catch (error) {
            measured = { error: error.data?.message || "" };
        }
        if (wayId === this.state.wayId && note === this.state.note) {
            this.state.measured = measured;
        }
    }

    get concerns() {
        return this.state.measured.concerns || [];
    }

    get mayGo() {
        const { state, way } = this;
        return Boolean(
            way?.allowed &&
                !state.busy &&
                (!state.says || state.note.trim()) &&
                !(state.says && state.measured.error) &&
                !(state.says && this.concerns.some((one) => one.effect === "block"))
        );
    }

    get goWords() {
        const { state, way } = this;
        if (!way) {
            return _t("Move to private");
        }
        if (way.we_write && state.text.trim()) {
            return state.says ? _t("Send both") : _t("Send the private message");
        }
        if (state.says) {
            return way.invites ? _t("Invite in public") : _t("Say it and write in private");
        }
        return way.invites ? _t("Make a link") : _t("Write in private");
    }

    async go() {
        if (!this.mayGo) {
            return;
        }
        const { state, way } = this;
        state.busy = true;
        state.error = "";
        try {
            const answer = await this.call("social_handoff", [
                this.props.messageId,
                way.id,
                state.says ? state.note : false,
                way.we_write ? state.text : "",
                this.key,
            ]);
            if (!answer.ok) {
                state.error = answer.error;
                return;
            }
            this.key = newKey();
            if (answer.link || answer.waits) {
                state.link = answer.link;
                state.waits = answer.waits;
                await this.props.onDone({ ...answer, open: false });
            } else {
                this.props.close();
                await this.props.onDone(answer);
            }
        } catch (error) {
            // the same key goes out again: a second press cannot do it twice
            state.error =
                error.data?.message ||
                _t("The server did not answer. Press again: it will not be sent twice.");
        } finally {
            state.busy = false;
        }
    }
}
