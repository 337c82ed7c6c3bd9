import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { safeUrl } from "./social_text";
import { AUDIENCES, ORDER } from "./social_words";

/** Where a person may go by hand: always a page of its own that knows nothing of ours. */
export class SocialByHand extends Component {
    static template = "helpdesk_social.ByHand";
    static props = { option: Object };

    get url() {
        return safeUrl(this.props.option.url);
    }

    get words() {
        return _t("Open on %s", this.props.option.network);
    }
}

/** The closed composer: one way in for each audience, and why one is shut. */
export class SocialDoors extends Component {
    static template = "helpdesk_social.Doors";
    static components = { SocialByHand };
    static props = { options: Array, drafts: Object, onChoose: Function };

    /** Audiences that can be written to, the narrowest first; each to the newest message
     * that can be answered, which need not be the newest. */
    get doors() {
        const of = (audience) => this.props.options.filter((one) => one.audience === audience);
        return ORDER.filter((audience) => of(audience).length).map((audience) => {
            const options = of(audience);
            const allowed = options.find((one) => one.allowed);
            return {
                audience,
                ...AUDIENCES[audience],
                option: allowed || options[0],
                allowed: Boolean(allowed),
                older: allowed?.older ? this.olderWords(allowed) : "",
                draft: options.find((one) => this.props.drafts.get(one)),
                template: options.find((one) => one.template?.allowed),
            };
        });
    }

    olderWords(option) {
        return _t("Answers an older message of %(person)s: “%(text)s”. A newer one cannot be answered this way.", {
            person: option.person,
            text: option.preview || "…",
        });
    }

    /** What was begun can be read again even where it may not be sent any more. */
    open(door) {
        this.props.onChoose((door.allowed ? door.option : door.draft ?? door.template).id);
    }
}
