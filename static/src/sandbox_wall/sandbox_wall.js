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
        this.turn = 0;
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
        Object.assign(this.wall, changes);
        const turn = ++this.turn;
        const { account_id: account = false, place } = this.wall;
        const wall = await this.orm.silent.call(MODEL, "get_wall", [account, place]);
        if (turn === this.turn) {
            // an answer that was overtaken by a newer question is not shown
            Object.assign(this.wall, wall);
            this.state.loaded = true;
        }
    }

    /**
     * One thing at a time: what a click asks the server, then what that makes us ask.
     * A refusal is shown by the framework.
     *
     * @param {() => Promise<any>} steps
     */
    async busy(steps) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await steps();
        } finally {
            if (status(this) !== "destroyed") {
                await this.load();
                this.state.busy = false;
            }
        }
    }

    call(method, ...args) {
        return this.orm.call(MODEL, method, args);
    }

    async pull() {
        const found = await this.call("pull", this.wall.account_id);
        // a scheduled action may have been quicker: then none are left for us
        const text = found ? _t("Fetched. New messages: %s", found) : _t("Fetched.");
        this.notification.add(text, { type: found ? "success" : "info" });
    }

    start() {
        return this.busy(() => this.call("start"));
    }

    play(scene, count = 1) {
        return this.busy(async () => {
            await this.call("play", this.wall.account_id, scene, count);
            await this.pull();
        });
    }

    storm() {
        return this.play("storm", parseInt(this.state.storm) || 1);
    }

    viral() {
        return this.play("viral", parseInt(this.state.storm) || 1);
    }

    fetch() {
        return this.busy(() => this.pull());
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
        await this.load({ account_id: parseInt(ev.target.value), place: "public" });
    }

    chooseFault(ev) {
        const fault = ev.target.value;
        return this.busy(() => this.call("set_fault", this.wall.account_id, fault, 0));
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

    say() {
        if (!this.speaker || !this.state.text.trim()) {
            return;
        }
        return this.busy(async () => {
            const { text, replyTo } = this.state;
            const [account, place] = [this.wall.account_id, this.wall.place];
            const above = replyTo ? replyTo.id : false;
            await this.call("say", account, this.speaker, text, place, above);
            Object.assign(this.state, { text: "", replyTo: null });
            await this.pull();
        });
    }

    act(post, verb, text = "") {
        return this.busy(async () => {
            await this.call("act", this.wall.account_id, post.id, verb, text);
            await this.pull();
        });
    }
}

registry.category("actions").add("helpdesk_social.sandbox_wall", SandboxWall);
