import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

/** Whom an answer goes to: other people, messages and accounts of the same audience. */
export class SocialTarget extends Component {
    static template = "helpdesk_social.Target";
    static props = { option: Object, options: Array, onChoose: Function };

    get siblings() {
        const { option, options } = this.props;
        return options.filter((one) => one.audience === option.audience);
    }

    words(option) {
        const words = _t("%(person)s: “%(text)s”", {
            person: option.person,
            text: option.preview || "…",
        });
        return this.severalAccounts ? `${words} · ${option.account}` : words;
    }

    get severalAccounts() {
        return new Set(this.props.options.map((one) => one.account_id)).size > 1;
    }
}
