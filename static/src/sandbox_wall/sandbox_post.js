/** One post on the sandbox wall, with what its customer may do. It asks nobody. */

import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { SocialAvatar } from "../social_timeline/social_avatar";
import { full, span } from "../social_timeline/social_time";

export class SandboxPost extends Component {
    static template = "helpdesk_social.SandboxPost";
    static components = { SocialAvatar };
    static props = {
        post: Object,
        busy: Boolean,
        onAct: Function,
        onAnswer: Function,
    };

    setup() {
        this.state = useState({ editing: false, text: "" });
    }

    get blockLabel() {
        return this.props.post.blocked ? _t("Let us in again") : _t("Block us");
    }

    get when() {
        return span(this.props.post.at);
    }

    get exactly() {
        return full(this.props.post.at);
    }

    act(verb) {
        this.props.onAct(this.props.post, verb);
    }

    edit() {
        Object.assign(this.state, { editing: true, text: this.props.post.text });
    }

    save() {
        this.state.editing = false;
        this.props.onAct(this.props.post, "edit", this.state.text);
    }
}
