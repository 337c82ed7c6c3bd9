/**
 * The sandbox network as its customers see it, for the manager who plays them.
 *
 * It shows what the server gives and decides nothing: each click asks the server, and
 * the bus tells when to look again. It never shows a real network.
 */

import {
    Component,
    onWillStart,
    onWillUnmount,
    status,
    useRef,
    useState,
} from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { SandboxPost } from "./sandbox_post";

const MODEL = "helpdesk.social.sandbox.wall";
const SIGNAL = "helpdesk_social_sandbox";
/** A burst of posts is shown once. */
const WAIT_MS = 200;

export class SandboxWall extends Component {
    static template = "helpdesk_social.SandboxWall";
    static components = { Layout, SandboxPost };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.wall = useState({
            accounts: [],
            places: [],
            threads: [],
            people: [],
            faults: [],
            place: "public",
        });
        this.state = useState({
            busy: false,
            loaded: false,
            handle: "",
            text: "",
            replyTo: null,
            storm: 100,
        });
        this.text = useRef("text");
        const look = () => {
            browser.clearTimeout(this.timer);
            this.timer = browser.setTimeout(() => this.load(), WAIT_MS);
        };
        this.bus.subscribe(SIGNAL, look);
        onWillStart(() => this.load());
        onWillUnmount(() => {
            browser.clearTimeout(this.timer);
            this.bus.unsubscribe(SIGNAL, look);
        });
    }

    get display() {
        return { controlPanel: {} };
    }

    get isPublic() {
        return this.wall.place === "public";
    }

    get currentPlace() {
        return this.wall.places.find((place) => place.key === this.wall.place) || {};
    }

    get speaker() {
        return this.state.handle || this.currentPlace.handle || "";
    }

    get hint() {
        if (this.state.replyTo) {
            return _t("Answer as this customer…");
        }
        return this.isPublic
            ? _t("Write in public to @%s…", this.wall.handle)
            : _t("Write to @%s…", this.wall.handle);
    }

    async load(changes = {}) {
        const place = changes.place || this.wall.place;
        const account = changes.account || this.wall.account_id || false;
        const wall = await this.orm.silent.call(MODEL, "get_wall", [account, place]);
        Object.assign(this.wall, wall);
        this.state.loaded = true;
    }

    /** One question to the server at a time; its refusal is shown by the framework. */
    async ask(method, args = []) {
        if (this.state.busy) {
            return undefined;
        }
        this.state.busy = true;
        try {
            return await this.orm.call(MODEL, method, args);
        } finally {
            this.state.busy = false;
            await this.load();
        }
    }

    async start() {
        await this.ask("start");
    }

    async play(scene, count = 1) {
        const happened = await this.ask("play", [this.wall.account_id, scene, count]);
        if (happened) {
            await this.fetch();
        }
    }

    async storm() {
        await this.play("storm", parseInt(this.state.storm) || 1);
    }

    async fetch() {
        const found = await this.ask("pull", [this.wall.account_id]);
        if (found !== undefined) {
            // a scheduled action may have been quicker: then none are left for us
            const text = found ? _t("Fetched. New messages: %s", found) : _t("Fetched.");
            this.notification.add(text, { type: found ? "success" : "info" });
        }
    }

    openPlay() {
        this.action.doAction("helpdesk_social.action_sandbox_play", {
            additionalContext: {
                active_model: "helpdesk.social.account",
                active_id: this.wall.account_id,
            },
            onClose: () => status(this) !== "destroyed" && this.load(),
        });
    }

    openTickets() {
        this.action.doAction("helpdesk_mgmt.helpdesk_ticket_action");
    }

    async choosePlace(place) {
        this.state.replyTo = null;
        this.state.handle = "";
        await this.load({ place });
    }

    async chooseAccount(ev) {
        await this.load({ account: parseInt(ev.target.value), place: "public" });
    }

    async chooseFault(ev) {
        await this.ask("set_fault", [this.wall.account_id, ev.target.value, 0]);
    }

    answer(post) {
        this.state.replyTo = post;
        this.text.el?.focus();
    }

    cancelAnswer() {
        this.state.replyTo = null;
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            this.say();
        }
    }

    async say() {
        const { text, replyTo } = this.state;
        const said = await this.ask("say", [
            this.wall.account_id,
            this.speaker,
            text,
            this.wall.place,
            replyTo ? replyTo.id : false,
        ]);
        if (said) {
            this.state.text = "";
            this.state.replyTo = null;
            await this.fetch();
        }
    }

    async act(post, verb, text = "") {
        await this.ask("act", [this.wall.account_id, post.id, verb, text]);
        await this.fetch();
    }
}

registry.category("actions").add("helpdesk_social.sandbox_wall", SandboxWall);
