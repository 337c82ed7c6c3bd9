/** Keys in tours: the control that a person comes to with Tab takes them; a control that
 * cannot be reached so is a mistake, even if a mouse would find it. */

function key(name) {
    return async (helpers) => {
        const { anchor } = helpers;
        anchor.focus();
        if (anchor.tabIndex < 0 || anchor.ownerDocument.activeElement !== anchor) {
            throw new Error(`no key reaches ${anchor.tagName}.${anchor.className}`);
        }
        await helpers.press(name);
    };
}

/** Press the button, open the link. */
export const enter = key("Enter");
/** Send what was written, from within it. */
export const send = key("ctrl+Enter");
/** Tick the box. */
export const space = key(" ");
