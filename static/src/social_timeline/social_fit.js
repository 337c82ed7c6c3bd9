/**
 * Timeline and composer fit on the screen together: the timeline takes what the window
 * leaves, from where it stands down to the composer at the lower edge.
 */

import { onMounted, onPatched, onWillUnmount, useExternalListener, useRef } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";

/** Of the timeline in pixels: less shows no message at all. */
const LEAST = 88;
/** Between the composer and the lower edge; less than what the form has there anyway. */
const GAP = 8;
/** Of the timeline in pixels, below which a person who answers is given more. */
const ENOUGH = 240;

/** The nearest element around ``el`` that scrolls, or the page itself. */
function scrollerOf(el) {
    for (let box = el.parentElement; box; box = box.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(box).overflowY)) {
            return box;
        }
    }
    return document.documentElement;
}

/**
 * The elements of the refs ``page`` (holds the composer too) and ``scroller``.
 *
 * @returns {() => void} brings the page into full view where the form leaves it little
 */
export function useFit() {
    const [page, scroller] = [useRef("page"), useRef("scroller")];
    let frame = null;
    let given = 0;

    function fit() {
        frame = null;
        const composer = page.el?.querySelector(".o_social_composer");
        if (!composer || !scroller.el) {
            return;
        }
        const box = scrollerOf(page.el).getBoundingClientRect();
        const end = Math.min(box.bottom, window.innerHeight);
        const { height } = composer.getBoundingClientRect();
        const left = end - scroller.el.getBoundingClientRect().top - height - GAP;
        const most = end - Math.max(box.top, 0) - height - GAP;
        const room = Math.round(Math.max(LEAST, Math.min(left, most)));
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
    });

    return () => {
        if (scroller.el.clientHeight < ENOUGH) {
            page.el.scrollIntoView({ block: "start" });
            soon();
        }
    };
}
