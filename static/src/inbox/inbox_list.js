/**
 * What the inbox's list knows: rows, the one that is looked at, those that are selected.
 * Nothing here speaks to the server.
 */

export class InboxList {
    constructor() {
        this.rows = [];
        this.currentId = false;
        this.selected = new Set();
    }

    get current() {
        return this.rows.find((row) => row.id === this.currentId);
    }

    /** Rows as they are now; selection and place are kept where they still exist. */
    load(rows) {
        this.rows = rows;
        const ids = new Set(rows.map((row) => row.id));
        this.selected = new Set([...this.selected].filter((id) => ids.has(id)));
    }

    /**
     * What was done leaves; the one after it is looked at, else the one before.
     *
     * @param {number[]} ids
     */
    leave(ids) {
        const gone = new Set(ids);
        if (gone.has(this.currentId)) {
            const at = this.rows.findIndex((row) => row.id === this.currentId);
            const next =
                this.rows.slice(at).find((row) => !gone.has(row.id)) ||
                this.rows.slice(0, at).reverse().find((row) => !gone.has(row.id));
            this.currentId = next ? next.id : false;
        }
        this.load(this.rows.filter((row) => !gone.has(row.id)));
    }

    /** @param {1 | -1} step */
    move(step) {
        const at = this.rows.findIndex((row) => row.id === this.currentId);
        const to = at < 0 ? 0 : Math.max(0, Math.min(this.rows.length - 1, at + step));
        this.currentId = this.rows[to]?.id ?? false;
    }

    toggle(id) {
        const selected = new Set(this.selected);
        if (!selected.delete(id)) {
            selected.add(id);
        }
        this.selected = selected;
    }

    toggleAll() {
        this.selected = new Set(this.allSelected ? [] : this.rows.map((row) => row.id));
    }

    get allSelected() {
        return this.rows.length > 0 && this.selected.size === this.rows.length;
    }

    /** Ids that an act is about: the selection, else the one that is looked at. */
    get chosen() {
        if (this.selected.size) {
            return this.rows.filter((row) => this.selected.has(row.id)).map((row) => row.id);
        }
        return this.currentId ? [this.currentId] : [];
    }
}
