"""Orders and invoices for tests that run where Sales and Invoicing are installed.

Only the tests tagged ``helpdesk_social_apps`` may use it (stage ``apps``).
"""


def product(env):
    return env["product.product"].create({"name": "Lamp"})


def make_order(env, partner, confirm=True, company=None, **values):
    """An order of one lamp."""
    line = {"product_id": product(env).id, "price_unit": 100, "tax_ids": False}
    values.setdefault("company_id", (company or env.company).id)
    order = (
        env["sale.order"]
        .with_company(company or env.company)
        .create({"partner_id": partner.id, "order_line": [(0, 0, line)], **values})
    )
    if confirm:
        order.action_confirm()
    return order


def make_invoice(env, partner, price=100, kind="out_invoice", post=True, **values):
    """An invoice, a refund or a bill over one lamp."""
    line = {
        "product_id": product(env).id,
        "quantity": 1,
        "price_unit": price,
        "tax_ids": False,
    }
    values.setdefault("invoice_date", "2026-05-01")
    move = env["account.move"].create(
        {
            "partner_id": partner.id,
            "move_type": kind,
            "invoice_line_ids": [(0, 0, line)],
            **values,
        }
    )
    if post:
        move.action_post()
    return move


def pay(env, move):
    """The invoice is paid in full, as by the button."""
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids
    )
    wizard.create({}).action_create_payments()
