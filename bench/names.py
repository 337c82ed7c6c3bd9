"""Names that both sides of a row know, the one inside Odoo and the one around it."""

#: an agent who looks at tickets
LOGIN, PASSWORD = "bench-reader", "bench-reader-password"
#: the agents of the soak test
SOAK_LOGIN, SOAK_PASSWORD = "soak-agent", "soak-agent-password"
