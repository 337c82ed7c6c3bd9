/**
 * Open forms show what others changed, without being loaded again: what stands there is
 * replaced field by field. What somebody has changed here and not saved yet stays as
 * they typed it, and so does a row of a list that is being edited.
 */

import { useEffect } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { getFieldsSpec } from "@web/model/relational_model/utils";
import { FormController } from "@web/views/form/form_controller";

import { usePace } from "./live_pace";
import { LIVE } from "./live_views";

const MANY = new Set(["one2many", "many2many"]);
/** Big, or in an editor of their own that a new value would start anew. */
const LEFT_OUT = new Set(["binary", "html", "properties"]);

/** Fields that may be replaced now. */
export function freshNames(root, isShown) {
    return root.fieldNames.filter((name) => {
        const field = root.fields[name];
        return (
            isShown(name) &&
            !field.relatedPropertyField &&
            !LEFT_OUT.has(field.type) &&
            !(name in root._changes) &&
            !(MANY.has(field.type) && root.data[name]?.editedRecord)
        );
    });
}

function only(values, names) {
    return Object.fromEntries(
        names.filter((name) => name in values).map((name) => [name, values[name]])
    );
}

/** @param {(name: string) => boolean} isShown fields that news may change */
export async function freshen(model, orm, isShown, isThere = () => true) {
    const { root } = model;
    const { resId, resModel } = root;
    if (!resId) {
        return;
    }
    const names = freshNames(root, isShown);
    const specification = getFieldsSpec(
        only(root.activeFields, names),
        root.fields,
        root.evalContext
    );
    if (!names.length) {
        return;
    }
    let found;
    try {
        [found] = await orm.silent.webRead(resModel, [resId], {
            context: { bin_size: true, ...root.context },
            specification,
        });
    } catch (error) {
        if (!error.data) {
            throw error;
        }
        return; // deleted, or not theirs to read any more: the next click tells
    }
    await model.mutex.exec(() => {
        if (found && isThere() && model.root === root && root.resId === resId) {
            // meanwhile somebody may have typed
            root._applyValues(only(found, freshNames(root, isShown)));
        }
    });
}

/** What is read again on which form, and what makes it. */
const ALL = { isShown: () => true, listen: (live, _id, heard) => live.listenAll(heard) };
const FORMS = {
    "helpdesk.ticket": {
        // the Social page asks for its own news, message by message
        isShown: (name) => name !== "social_page",
        listen: (live, id, heard) => live.listen(id, heard),
    },
    "res.partner": {
        isShown: (name) => name.startsWith("social_"),
        listen: (live, id, heard) => live.listenContacts(() => [id], heard),
    },
};

patch(FormController.prototype, {
    setup() {
        super.setup(...arguments);
        const { resModel } = this.props;
        const form = FORMS[resModel] || (LIVE.has(resModel) && ALL);
        if (!form) {
            return;
        }
        const live = useService("helpdesk_social_live");
        const heard = usePace((isThere) => freshen(this.model, this.orm, form.isShown, isThere));
        useEffect(
            (id) => (id ? form.listen(live, id, heard) : undefined),
            () => [this.model.root.resId]
        );
    },
});
