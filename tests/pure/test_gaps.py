"""What fills a template's gap by itself: only what cannot be wrong."""

import pytest

from texts.gaps import guess


@pytest.mark.parametrize(
    ("name", "text", "placeholder"),
    [
        ("1", "Hello {{1}}, your ticket {{2}}", "customer"),
        ("2", "Hello {{1}}, your ticket {{2}}", "ticket"),
        ("1", "Hola {{1}}: su caso nº {{2}}", "customer"),
        ("2", "Hola {{1}}: su caso nº {{2}}", "ticket"),
        ("1", "Estimada {{ 1 }}", "customer"),
        ("2", "Hallo {{1}}, zum Vorgang {{2}}", "ticket"),
        ("1", "TICKET NUMBER: {{1}}", "ticket"),
        ("1", "Ticket #{{1}}", "ticket"),
        ("1", "Olá {{1}}", "customer"),
        ("1", "Здравствуйте {{1}}", "customer"),
        ("1", "مرحبا {{1}}", "customer"),
        ("customer_name", "", "customer"),
        ("first_name", "", "customer"),
        ("Numero_de_caso", "", "ticket"),
        ("agent_name", "", "agent"),
        ("company", "", "account"),
        # of these nobody can be sure
        ("1", "Your order {{1}} is ready", ""),
        ("1", "Hello! {{1}} is ready", ""),
        ("1", "Say hello to number {{1}}", ""),
        ("1", "Hello no. {{1}}", ""),
        ("1", "{{1}}", ""),
        ("3", "Hello {{1}}", ""),
        ("2", "Hello {{1}} {{2}}", ""),
        ("1", "", ""),
        ("order", "Hello {{order}}", ""),
        ("number", "", ""),
        ("___", "", ""),
        ("1" * 60, "Hello {{1}}", ""),
    ],
)
def test_what_is_clear_from_the_words(name, text, placeholder):
    assert guess(name, text) == placeholder


def test_long_words_are_read_in_no_time():
    assert guess("1", "ticket " * 100_000 + "{{1}}") == "ticket"
    assert guess("1", "{{" * 100_000) == ""
