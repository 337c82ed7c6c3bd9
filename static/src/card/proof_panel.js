import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { clock, isPast } from "../social_timeline/social_time";
import { day, isVerified } from "./who";

/** Asked for only in the conversation in which somebody wrote to us in private. */
function mayAskHere({ option }) {
    return option.audience === "private" && !option.narrower;
}

/** Who is verified is so wherever one answers; it is seen before going private, too. */
function isHere(composer) {
    const { option } = composer;
    const who = option && composer.desk.who?.[option.person_id];
    return Boolean(
        who && (isVerified(who) || (mayAskHere(composer) && (who.may_ask || who.proof)))
    );
}

/** Above an answer: is this the contact? In private it asks for a code that is mailed. */
export class SocialProof extends Component {
    static template = "helpdesk_social.Proof";
    static props = { composer: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ sure: false, busy: false, error: "" });
    }

    get who() {
        const { composer } = this.props;
        return composer.desk.who[composer.option.person_id];
    }

    get isVerified() {
        return isVerified(this.who);
    }

    get mayAsk() {
        return this.who.may_ask && mayAskHere(this.props.composer);
    }

    get verifiedWords() {
        return _t("Verified until %s", day(this.who.verified_until));
    }

    get isOpen() {
        const { proof } = this.who;
        return Boolean(proof && proof.state === "open" && !isPast(proof.until));
    }

    /** What became of the last question. */
    get words() {
        const { proof } = this.who;
        if (!proof || this.isVerified) {
            return "";
        }
        if (this.isOpen) {
            if (proof.mail_failed) {
                return _t("The code could not be mailed to %s.", proof.address);
            }
            const words = _t("A code was mailed to %(address)s. It works until %(until)s.", {
                address: proof.address,
                until: clock(proof.until),
            });
            return proof.tries
                ? `${words} ${_t("Wrong codes: %(tries)s, tries left: %(left)s.", proof)}`
                : words;
        }
        return {
            open: _t("Nobody sent the code back in time."),
            ended: _t("Nobody sent the code back in time."),
            tried: _t("Too many wrong codes were sent: this does not look like the contact."),
            leaked: _t("The code was said where it proves nothing. It is worthless now."),
        }[proof.state];
    }

    get askWords() {
        return this.who.proof ? _t("Ask again…") : _t("Ask for proof…");
    }

    async ask() {
        const { composer } = this.props;
        this.state.busy = true;
        this.state.error = "";
        let answer;
        try {
            answer = await this.orm.call("helpdesk.ticket", "social_ask_proof", [
                [composer.props.ticketId],
                composer.option.id,
            ]);
        } catch (error) {
            const words = error.data?.message || _t("That did not work. Please try again.");
            answer = { ok: false, error: words };
        }
        this.state.busy = false;
        if (answer.ok) {
            this.state.sure = false;
            await composer.props.onSent(answer.message_ids, answer);
        } else {
            this.state.error = answer.error;
        }
    }
}

registry.category("helpdesk_social.composer_panels").add("proof", {
    Component: SocialProof,
    place: "head",
    isShown: isHere,
});
