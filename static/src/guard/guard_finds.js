/** What the guard found in words that are being written, and taking it out of them. */

/** Icons say the kind as well as the words beside them. */
export const ICONS = {
    phone: "fa-phone",
    email: "fa-envelope-o",
    card: "fa-credit-card",
    iban: "fa-university",
    vat: "fa-id-card-o",
    order: "fa-shopping-cart",
    invoice: "fa-file-text-o",
    ticket: "fa-ticket",
    address: "fa-home",
    name: "fa-user-o",
    unread: "fa-question-circle-o",
};

/** The guard's concern among those of the composer, or undefined. */
export function guardConcern({ concerns }) {
    return concerns.find((one) => one.code === "guard" && one.details.finds?.length);
}

/**
 * The server counts characters, JavaScript counts halves of some; the place of a find is
 * good for the text that was looked at only.
 *
 * @returns {string | null} null when the text is another one by now
 */
export function wordsAt(text, find, length) {
    const characters = Array.from(text);
    return characters.length === length
        ? characters.slice(find.start, find.end).join("")
        : null;
}

/** The text without a find, the gap closed; null as above. */
export function without(text, find, length) {
    const characters = Array.from(text);
    if (characters.length !== length) {
        return null;
    }
    const before = characters.slice(0, find.start).join("");
    let after = characters.slice(find.end).join("");
    if (!before || /[ \n]$/.test(before)) {
        after = after.replace(/^ +/, "");
    }
    return before + after;
}

/** The way to say the same to the same person alone, if there is one. */
export function privateWay({ option, props }) {
    const ways = props.options.filter((one) => one.audience === "private" && one.allowed);
    return (
        ways.find((one) => one.message_id === option.message_id) ??
        ways.find((one) => one.person_id && one.person_id === option.person_id)
    );
}
