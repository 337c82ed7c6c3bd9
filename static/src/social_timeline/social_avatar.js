import { Component, useState } from "@odoo/owl";

import { hueOf, initials } from "./social_text";

/** A person's picture, or their initials when there is none or it does not load. */
export class SocialAvatar extends Component {
    static template = "helpdesk_social.Avatar";
    static props = {
        name: String,
        src: { type: String, optional: true },
        seed: { optional: true },
        small: { type: Boolean, optional: true },
    };

    setup() {
        this.state = useState({ broken: "" });
    }

    get initials() {
        return initials(this.props.name);
    }

    get style() {
        return `--social-hue: ${hueOf(this.props.seed ?? this.props.name)};`;
    }

    get shown() {
        return this.props.src && this.props.src !== this.state.broken;
    }

    onError() {
        this.state.broken = this.props.src;
    }
}

/** A network's picture, or its first letter on its colour. */
export class SocialNetworkIcon extends Component {
    static template = "helpdesk_social.NetworkIcon";
    static props = { network: Object };

    setup() {
        this.state = useState({ broken: "" });
    }

    get letter() {
        return initials(this.props.network.name).slice(0, 1);
    }

    get style() {
        // the colour is data: nothing but a hex colour may reach a style attribute
        const color = /^#[0-9a-f]{3,8}$/i.test(this.props.network.color || "")
            ? this.props.network.color
            : "#6c757d";
        return `background-color: ${color};`;
    }

    get src() {
        const icon = this.props.network.icon || "";
        return icon.startsWith("/") && icon !== this.state.broken ? icon : "";
    }

    onError() {
        this.state.broken = this.props.network.icon;
    }
}
