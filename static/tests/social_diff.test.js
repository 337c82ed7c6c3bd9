import { describe, expect, test } from "@odoo/hoot";

import { diffWords } from "@helpdesk_social/social_timeline/social_diff";

describe.current.tags("headless");

const marks = { same: "", out: "-", in: "+" };

/** "a [-b][+c] d" */
function shown(before, after) {
    return diffWords(before, after)
        .map(({ kind, text }) => (kind === "same" ? text : `[${marks[kind]}${text}]`))
        .join("");
}

function sides(before, after) {
    const pieces = diffWords(before, after);
    const side = (other) =>
        pieces
            .filter((piece) => piece.kind !== other)
            .map((piece) => piece.text)
            .join("");
    return [side("in"), side("out")];
}

test("a word is changed, put in, taken out", () => {
    expect(shown("teh lamp broke", "the lamp broke")).toBe("[-teh][+the] lamp broke");
    expect(shown("it works", "it never works")).toBe("it [+never ]works");
    expect(shown("it never works", "it works")).toBe("it [-never ]works");
    expect(shown("same", "same")).toBe("same");
    expect(shown("", "new")).toBe("[+new]");
    expect(shown("old", "")).toBe("[-old]");
    expect(shown("", "")).toBe("");
});

test("changes that only a space keeps apart read as one", () => {
    expect(shown("my old lamp", "my brand new lamp")).toBe("my [-old][+brand new] lamp");
    expect(shown("one two three", "four five six")).toBe("[-one two three][+four five six]");
    expect(shown("what shall I do?", "and I want money")).toBe(
        "[-what shall I do?][+and I want money]"
    );
    expect(shown("one\ntwo", "1\n2")).toBe("[-one][+1]\n[-two][+2]");
});

test("scripts without spaces and signs of many parts", () => {
    const [before, after] = sides("灯坏了，请帮忙", "灯修好了，谢谢");
    expect([before, after]).toEqual(["灯坏了，请帮忙", "灯修好了，谢谢"]);
    expect(shown("ok 👩🏽‍🚀", "ok 👨‍👩‍👧")).toBe("ok [-👩🏽‍🚀][+👨‍👩‍👧]");
});

test("nothing is lost, whatever the two texts are", () => {
    const alphabet = ["lamp", " ", "broke", "\n", "!", "مصباح", "灯", "👍🏽", "<b>", ""];
    let seed = 7;
    const random = (count) => {
        seed = (seed * 16807) % 2147483647;
        return seed % count;
    };
    for (let round = 0; round < 200; round++) {
        const text = () =>
            Array.from({ length: random(12) }, () => alphabet[random(alphabet.length)]).join("");
        const before = text();
        const after = text();
        expect(sides(before, after)).toEqual([before, after], { silent: true });
    }
    expect(sides("a b", "b a")).toEqual(["a b", "b a"]);
});

test("a very long text that is another one altogether is shown at once", () => {
    const before = Array.from({ length: 3000 }, (_one, index) => `a${index}`).join(" ");
    const after = Array.from({ length: 3000 }, (_one, index) => `b${index}`).join(" ");
    const began = performance.now();
    expect(sides(before, after)).toEqual([before, after]);
    expect(performance.now() - began).toBeLessThan(1000);
});
