/** The words in the textarea: canned responses and emoji go where the caret is. */

import { useEmojiPicker } from "@web/core/emoji_picker/emoji_picker";
import { useAutoresize } from "@web/core/utils/autoresize";

import { cannedTerm } from "./social_text";

/** Of the textarea in pixels: three lines, and one while nobody writes. */
const ROOM = 72;

/**
 * @param {Object} refs of the ``textarea`` and of the ``emoji`` button
 * @param {{text: string, canned: Object | null}} state
 * @param {() => void} edited is told of every change that was not typed
 */
export function useWriting({ textarea, emoji }, state, edited) {
    useAutoresize(textarea, { minimumHeight: ROOM });
    useEmojiPicker(emoji, { onSelect: (codepoints) => insert(codepoints) });

    function moveCaret(at) {
        Promise.resolve().then(() => {
            const { el } = textarea;
            if (el) {
                el.value = state.text;
                el.focus();
                el.setSelectionRange(at, at);
            }
        });
    }

    function replace(start, end, text) {
        state.text = state.text.slice(0, start) + text + state.text.slice(end);
        moveCaret(start + text.length);
        edited();
    }

    function insert(text) {
        const { el } = textarea;
        const at = el?.selectionStart ?? state.text.length;
        replace(at, el?.selectionEnd ?? at, text);
    }

    return {
        insert,
        insertCanned(text) {
            const { start } = state.canned;
            state.canned = null;
            replace(start, textarea.el.selectionStart, text);
        },
        lookForCanned() {
            const { el } = textarea;
            state.canned = el && cannedTerm(state.text, el.selectionStart);
        },
    };
}
