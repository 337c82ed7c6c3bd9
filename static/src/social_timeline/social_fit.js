/**
 * Timeline and composer fit on the screen together: the timeline takes what the window
 * leaves, from where it stands down to the composer at the lower edge. It never moves the
 * page under the hands of somebody who has begun to do something else.
 */

import { onMounted, onPatched, onWillUnmount, useExternalListener, useRef } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/** Of the timeline in pixels: less shows no message at all. */
const LEAST = 88;
/** Between the composer and the lower edge; less than what the form has there anyway. */
const GAP = 8;
/** Of the timeline in pixels, below which a person who reads or answers is given more. */
const ENOUGH = 240;
/** How long what loads after a ticket may still move its page into view. */
export const OPENING_MS = 2000;
/** What a person does; the page does not move under anybody's hands. */
const GESTURES = ["pointerdown", "keydown", "wheel", "touchstart", "focusin"];
const WRITTEN_IN = "input, textarea, select, [contenteditable=true], .o_notebook_headers *";

/** The nearest element around ``el`` that scrolls, or the page itself. */
function scrollerOf(el) {
    for (let box = el.parentElement; box; box = box.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(box).overflowY)) {
            return box;
        }
    }
    return document.documentElement;
}

/** Does somebody write in a field above, or has come by the notebook's tab? */
function isBusyAbove(page) {
    const active = document.activeElement;
    return Boolean(active && !page.contains(active) && active.matches(WRITTEN_IN));
}

/**
 * The elements of the refs ``page`` (holds the composer too) and ``scroller``.
 *
 * ``makeRoom()`` brings the page into full view where the form leaves it little;
 * ``opened(worth)`` does so for a ticket that has just been opened, when there is
 * something to read and nobody has touched anything.
 */
export function useFit() {
    const [page, scroller] = [useRef("page"), useRef("scroller")];
    let frame = null;
    let given = 0;
    let opening = null;
    /** What was scrolled for the person, and how far: it goes back for the next ticket. */
    let moved = null;

    function roomFor(composer) {
        const box = scrollerOf(page.el).getBoundingClientRect();
        const end = Math.min(box.bottom, window.innerHeight);
        const { height } = composer.getBoundingClientRect();
        const left = end - scroller.el.getBoundingClientRect().top - height - GAP;
        const most = end - Math.max(box.top, 0) - height - GAP;
        return Math.round(Math.max(LEAST, Math.min(left, most)));
    }
    function bring(composer) {
        const box = scrollerOf(page.el);
        page.el.scrollIntoView({ block: "start" });
        // the notebook's tabs stay in view where there is room for them, too
        const tabs = page.el.closest(".o_notebook")?.querySelector(".o_notebook_headers");
        const above = tabs
            ? page.el.getBoundingClientRect().top - tabs.getBoundingClientRect().top
            : 0;
        if (roomFor(composer) - above >= ENOUGH) {
            box.scrollTop -= above;
        }
        moved = { box, top: box.scrollTop };
    }
    function goBack() {
        if (moved && moved.box.scrollTop === moved.top) {
            moved.box.scrollTop = 0;
        }
        moved = null;
    }
    function settled() {
        browser.clearTimeout(opening);
        opening = null;
    }
    function fit() {
        frame = null;
        const composer = page.el?.querySelector(".o_social_composer");
        if (!composer || !scroller.el) {
            return;
        }
        let room = roomFor(composer);
        const enough = Math.min(ENOUGH, scroller.el.scrollHeight);
        if (opening && room < enough && !isBusyAbove(page.el)) {
            bring(composer);
            room = roomFor(composer);
        }
        if (room !== given) {
            given = room;
            // the lower edge stays where it is, and so does what is read there
            const { el } = scroller;
            const below = el.scrollHeight - el.clientHeight - el.scrollTop;
            page.el.style.setProperty("--social-room", `${room}px`);
            el.scrollTop = el.scrollHeight - el.clientHeight - below;
        }
    }
    function soon() {
        frame ??= browser.requestAnimationFrame(fit);
    }

    const observer = new ResizeObserver(soon);
    let watched = null;
    function watch() {
        const composer = page.el?.querySelector(".o_social_composer") || null;
        if (composer !== watched) {
            observer.disconnect();
            watched = composer;
            if (composer) {
                observer.observe(composer);
                // what stands above the messages opens and closes, too
                observer.observe(page.el);
            }
        }
    }
    onMounted(() => {
        watch();
        fit();
    });
    onPatched(watch);
    useExternalListener(window, "resize", soon);
    for (const gesture of GESTURES) {
        useExternalListener(window, gesture, settled, { capture: true, passive: true });
    }
    // whatever scrolls around it; what scrolls inside changes nothing
    useExternalListener(
        document,
        "scroll",
        (ev) => {
            if (ev.target !== scroller.el && ev.target.contains?.(page.el)) {
                soon();
            }
        },
        { capture: true, passive: true }
    );
    onWillUnmount(() => {
        observer.disconnect();
        browser.cancelAnimationFrame(frame);
        settled();
        goBack();
    });

    return {
        makeRoom() {
            if (scroller.el.clientHeight < ENOUGH) {
                page.el.scrollIntoView({ block: "start" });
                soon();
            }
        },
        opened(worth) {
            settled();
            if (worth) {
                opening = browser.setTimeout(settled, OPENING_MS);
                soon();
            } else {
                goBack();
            }
        },
    };
}
