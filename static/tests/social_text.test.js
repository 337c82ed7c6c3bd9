import { describe, expect, test } from "@odoo/hoot";

import {
    cannedTerm,
    hueOf,
    initials,
    newKey,
    safeUrl,
    splitLinks,
} from "@helpdesk_social/social_timeline/social_text";

describe.current.tags("headless");

test("links are found and nothing of the text is lost", () => {
    for (const text of [
        "",
        "no link",
        "see https://example.com/a, then http://b.example.",
        "(https://example.com/wiki/A_(b)) and <https://example.com>",
        "مرحبا https://example.org/صفحة شكرا",
        "javascript:alert(1) data:text/html,x //evil.example",
        "https:// https://",
    ]) {
        const pieces = splitLinks(text);
        expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    }
    const links = (text) => splitLinks(text).flatMap((piece) => piece.url ?? []);
    expect(links("see https://example.com/a, then http://b.example.")).toEqual([
        "https://example.com/a",
        "http://b.example/",
    ]);
    expect(links("(https://example.com/wiki/A_(b))")).toEqual([
        "https://example.com/wiki/A_(b)",
    ]);
    expect(links("javascript:alert(1) data:text/html,x //evil.example")).toEqual([]);
});

test("only web addresses may be followed", () => {
    expect(safeUrl("https://example.com/x")).toBe("https://example.com/x");
    for (const url of [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "/web/session/logout",
        "",
        null,
        undefined,
        7,
        { href: "https://example.com" },
    ]) {
        expect(safeUrl(url)).toBe("");
    }
});

test("initials for any name", () => {
    expect(initials("Jo Fischer 🌻")).toBe("JF");
    expect(initials("@acme_support")).toBe("AS");
    expect(initials("عمر الفاروق")).toBe("عا");
    expect(initials("🌻")).toBe("?");
    expect(initials("")).toBe("?");
    expect(hueOf("p1")).toBe(hueOf("p1"));
});

test("keys are long and never the same", () => {
    const keys = new Set([...Array(50)].map(newKey));
    expect(keys.size).toBe(50);
    expect([...keys][0]).toMatch(/^[0-9a-f]{32}$/);
});

test("canned responses are asked for by two colons at the start of a word", () => {
    expect(cannedTerm("::he", 4)).toEqual({ term: "he", start: 0 });
    expect(cannedTerm("Hi ::", 5)).toEqual({ term: "", start: 3 });
    expect(cannedTerm("std::he", 7)).toBe(null);
    expect(cannedTerm("::he llo", 8)).toBe(null);
    expect(cannedTerm("", 0)).toBe(null);
});
