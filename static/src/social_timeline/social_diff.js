/**
 * What changed from one version of a text to the next, in words. Pure; it must never
 * lose a letter: the kept and the new pieces together are the new text, the kept and the
 * old pieces the old one.
 */

/** Above this many steps a text counts as rewritten: 1,000 words against 1,000. */
const MAX_STEPS = 1e6;

/** Words, spaces and signs; in scripts without spaces, words as the browser knows them. */
function words(text) {
    const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
    return [...segmenter.segment(text)].map((one) => one.segment);
}

/** For each pair of positions the length of what both texts share from there on. */
function sharedLengths(one, other) {
    const width = other.length + 1;
    const table = new Uint32Array((one.length + 1) * width);
    for (let i = one.length - 1; i >= 0; i--) {
        for (let j = other.length - 1; j >= 0; j--) {
            table[i * width + j] =
                one[i] === other[j]
                    ? table[(i + 1) * width + j + 1] + 1
                    : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
        }
    }
    return (i, j) => table[i * width + j];
}

function middle(one, other) {
    if (one.length * other.length > MAX_STEPS) {
        return [
            ["out", one.join("")],
            ["in", other.join("")],
        ];
    }
    const shared = sharedLengths(one, other);
    const found = [];
    let i = 0;
    let j = 0;
    while (i < one.length || j < other.length) {
        if (i < one.length && j < other.length && one[i] === other[j]) {
            found.push(["same", one[i]]);
            i++;
            j++;
        } else if (j >= other.length || (i < one.length && shared(i + 1, j) >= shared(i, j + 1))) {
            found.push(["out", one[i++]]);
        } else {
            found.push(["in", other[j++]]);
        }
    }
    return found;
}

/** So little between two changes that it only breaks the sentence: " ", "I", ", a ". */
function isCrumb(text) {
    return (text.match(/[\p{L}\p{N}]/gu) ?? []).length < 3 && !text.includes("\n");
}

/** Steps as runs, changes side by side as one: what was taken out, then what was put in. */
function gather(steps) {
    const runs = [];
    for (const [kind, text] of steps) {
        const side = kind === "same" ? "same" : "changed";
        if (runs.at(-1)?.side !== side) {
            runs.push({ side, same: "", out: "", in: "" });
        }
        runs.at(-1)[kind] += text;
    }
    const pieces = [];
    let change = null;
    const flush = () => {
        for (const kind of change ? ["out", "in"] : []) {
            if (change[kind]) {
                pieces.push({ kind, text: change[kind] });
            }
        }
        change = null;
    };
    runs.forEach((run, index) => {
        if (run.side === "changed") {
            change ??= { out: "", in: "" };
            change.out += run.out;
            change.in += run.in;
        } else if (change && index < runs.length - 1 && isCrumb(run.same)) {
            change.out += run.same;
            change.in += run.same;
        } else {
            flush();
            pieces.push({ kind: "same", text: run.same });
        }
    });
    flush();
    return pieces;
}

/**
 * @param {string} before
 * @param {string} after
 * @returns {{ id: number, kind: "same" | "out" | "in", text: string }[]}
 */
export function diffWords(before, after) {
    const one = words(before);
    const other = words(after);
    let start = 0;
    while (start < one.length && start < other.length && one[start] === other[start]) {
        start++;
    }
    let end = 0;
    while (
        end < one.length - start &&
        end < other.length - start &&
        one[one.length - 1 - end] === other[other.length - 1 - end]
    ) {
        end++;
    }
    const steps = [
        ...one.slice(0, start).map((text) => ["same", text]),
        ...middle(one.slice(start, one.length - end), other.slice(start, other.length - end)),
        ...(end ? one.slice(-end) : []).map((text) => ["same", text]),
    ];
    return gather(steps).map((piece, id) => ({ id, ...piece }));
}
