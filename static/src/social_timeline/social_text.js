/**
 * Pure helpers for text that came from a network: it is never HTML, and a link is only
 * a link when a browser may follow it.
 */

const LINK = /\bhttps?:\/\/[^\s<>"'`\u200b\u2028\u2029]+/giu;
const TRAILING = /[.,;:!?…»”’)\]}]+$/u;

/** The address when a person may be sent there, else "". */
export function safeUrl(url) {
    if (typeof url !== "string" || !/^https?:\/\//i.test(url.trim())) {
        return "";
    }
    try {
        const parsed = new URL(url);
        return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : "";
    } catch {
        return "";
    }
}

/** A closing bracket belongs to the address when it closes one inside of it. */
function withoutTail(address) {
    let tail = address.match(TRAILING)?.[0] ?? "";
    for (const [open, close] of ["()", "[]", "{}"]) {
        const inside = address.slice(0, address.length - tail.length);
        if (tail.startsWith(close) && inside.split(open).length > inside.split(close).length) {
            tail = tail.slice(1);
        }
    }
    return address.slice(0, address.length - tail.length);
}

/**
 * Text as a list of pieces, some of which are links.
 *
 * @param {string} text
 * @returns {{ id: number, text: string, url?: string }[]}
 */
export function splitLinks(text) {
    const pieces = [];
    let at = 0;
    const push = (piece) => piece.text && pieces.push({ id: pieces.length, ...piece });
    for (const match of (text || "").matchAll(LINK)) {
        const address = withoutTail(match[0]);
        const url = safeUrl(address);
        if (!url) {
            continue;
        }
        push({ text: text.slice(at, match.index) });
        push({ text: address, url });
        at = match.index + address.length;
    }
    push({ text: (text || "").slice(at) });
    return pieces;
}

/** One or two letters for somebody without a picture. */
export function initials(name) {
    const words = (name || "").match(/[\p{L}\p{N}]+/gu) || [];
    const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map(
        (word) => [...(word || "")][0] || ""
    );
    return letters.join("").toLocaleUpperCase() || "?";
}

/** A hue that stays the same for the same person. */
export function hueOf(seed) {
    let hash = 0;
    for (const char of String(seed)) {
        hash = (hash * 31 + char.codePointAt(0)) % 360;
    }
    return hash;
}

/**
 * An id for one answer, so that a repeated request makes no second one.
 * `crypto.randomUUID` is missing on plain-http sites.
 */
export function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What stands before the caret after "::", or null when nobody asked for a snippet. */
export function cannedTerm(text, caret) {
    const found = /(?:^|\s)::([^\s:]*)$/u.exec((text || "").slice(0, caret));
    return found ? { term: found[1], start: caret - found[1].length - 2 } : null;
}
