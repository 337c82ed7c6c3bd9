"""Fill a database with years of social messages, by SQL.

Tickets, conversations, people, messages and journal as a busy help desk leaves them:
few people write much, most conversations are short and closed, a handful wait. Inside
Odoo; only for databases that are thrown away.
"""

from odoo.tools import SQL

#: ids of what is filled in, far above what is there
BASE = 10_000_000

SHARES = {"conversations": 0.45, "tickets": 0.36, "events": 0.1}

PEOPLE = """
INSERT INTO helpdesk_social_identity (id, company_id, network_id, scope, external_id,
    handle, name, url, verified, bot, shared, followers)
SELECT %(base)s + n, %(company)s, %(network)s, '',
    'https://other.example/users/k' || n, 'k' || n || '@other.example',
    'Person k' || n, 'https://other.example/@k' || n, false, false, false, n %% 900
FROM generate_series(0, %(people)s - 1) n
"""
TICKETS = """
INSERT INTO helpdesk_ticket (id, company_id, team_id, stage_id, channel_id, number,
    name, description, partner_name, priority, active, unattended, sequence,
    kanban_state, last_stage_update, closed_date, create_date, write_date, create_uid,
    write_uid, user_id)
SELECT %(base)s + n, %(company)s, (%(teams)s)[1 + n %% 20],
    CASE WHEN n %% 20 = 0 THEN %(open)s ELSE %(closed)s END, %(channel)s,
    'F' || lpad(n::text, 8, '0'), 'The parcel arrived but the lid is broken ' || n,
    '<p>The parcel arrived but the lid is broken</p>', 'Person', '1', true,
    n %% 20 = 0, 10, 'normal', moment, CASE WHEN n %% 20 <> 0 THEN moment END, moment,
    moment, 1, 1, CASE WHEN n %% 3 > 0 THEN (%(agents)s)[1 + n %% %(staff)s] END
FROM (SELECT n, now() AT TIME ZONE 'utc' - n * interval '1 minute' AS moment
    FROM generate_series(0, %(tickets)s - 1) n) one
"""
CONVERSATIONS = """
INSERT INTO helpdesk_social_conversation (id, account_id, company_id, ticket_id,
    identity_id, key, audience, blocked, backlog, last_message_at, last_inbound_at)
SELECT %(base)s + n, %(account)s, %(company)s,
    CASE WHEN n < %(tickets)s THEN %(base)s + n END,
    %(base)s + floor(%(people)s * power(random(), 1.7))::int,
    'https://other.example/threads/' || n,
    CASE WHEN n %% 50 = 0 THEN 'group' WHEN n %% 5 = 0 THEN 'private'
        ELSE 'public' END,
    false, false, moment, moment
FROM (SELECT n, now() AT TIME ZONE 'utc' - n * interval '1 minute' AS moment
    FROM generate_series(0, %(conversations)s - 1) n) one
"""
PARTICIPANTS = """
INSERT INTO helpdesk_social_participant_rel (conversation_id, identity_id)
SELECT id, identity_id FROM helpdesk_social_conversation WHERE id >= %(base)s
"""
MESSAGES = """
INSERT INTO helpdesk_social_message (id, account_id, network_id, company_id,
    conversation_id, ticket_id, identity_id, key, refs, parent_key, direction, origin,
    audience, text, language, permalink, mentions, extra, sent_at, received_at,
    revision, part, parts, context, late, waiting, liked, hidden, why, delivery_state,
    reread_at)
SELECT %(base)s + n, %(account)s, %(network)s, %(company)s, c.id, c.ticket_id,
    CASE WHEN n %% 10 < 7 THEN c.identity_id END,
    'https://other.example/users/k/statuses/' || n,
    jsonb_build_object(%(account)s::text, n::text),
    CASE WHEN n %% 10 < 4 THEN 'https://other.example/users/k/statuses/' || n - 1 END,
    CASE WHEN n %% 10 < 7 THEN 'in' ELSE 'out' END,
    CASE WHEN n %% 10 < 7 THEN 'customer' ELSE 'agent' END, c.audience,
    'the parcel ' || n || ' arrived yesterday but the lid of the red box is broken, '
        || 'and I cannot find out from your page whom to ask. Could you help me?',
    'en', 'https://other.example/@k/' || n,
    '[{"id": "https://us.example/users/acme", "handle": "acme", "name": ""}]'::jsonb,
    '{"visibility": "public"}'::jsonb,
    c.last_message_at - (n %% 97) * interval '1 second', c.last_message_at, 0, 1, 1,
    false, false, n %% 10 < 7 AND n %% 400 = 0, false, false, 'join',
    CASE WHEN n %% 10 >= 7 THEN 'sent' END,
    CASE WHEN c.last_message_at > now() AT TIME ZONE 'utc' - interval '7 days'
        THEN c.last_message_at END
FROM (SELECT n, floor(%(conversations)s * power(random(), 1.5))::int AS which
    FROM generate_series(0, %(messages)s - 1) n OFFSET 0) one
JOIN helpdesk_social_conversation c ON c.id = %(base)s + which
"""
EVENTS = """
INSERT INTO helpdesk_social_event (id, app_id, account_id, key, revision, source, raw,
    sent_at, received_at, state, outcome, attempts, message_id)
SELECT %(base)s + n, %(app)s, %(account)s, 'notification:f' || n, '', 'pull',
    repeat('{"content": "the parcel arrived but the lid is broken"}', 20),
    now() AT TIME ZONE 'utc' - n * interval '1 minute',
    now() AT TIME ZONE 'utc' - n * interval '1 minute', 'done', 'message', 0,
    %(base)s + n
FROM generate_series(0, %(events)s - 1) n
"""
NOTES = """
INSERT INTO mail_message (id, model, res_id, message_type, subtype_id, author_id,
    body, date, is_internal, create_date, write_date, create_uid, write_uid)
SELECT %(base)s + n, 'helpdesk.ticket', %(base)s + n, 'notification', %(subtype)s,
    %(author)s, '<p>New public message</p>', now() AT TIME ZONE 'utc', true,
    now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc', 1, 1
FROM generate_series(0, %(tickets)s - 1) n
"""
FOLLOWERS = """
INSERT INTO mail_followers (id, res_model, res_id, partner_id)
SELECT %(base)s + n, 'helpdesk.ticket', %(base)s + n,
    (%(followers)s)[1 + n %% %(staff)s]
FROM generate_series(0, %(tickets)s - 1) n
"""
STEPS = (
    NOTES,
    FOLLOWERS,
    PEOPLE,
    TICKETS,
    CONVERSATIONS,
    PARTICIPANTS,
    MESSAGES,
    EVENTS,
)
FILLED = {
    "mail_message": "tickets",
    "mail_followers": "tickets",
    "helpdesk_social_identity": "people",
    "helpdesk_ticket": "tickets",
    "helpdesk_social_conversation": "conversations",
    "helpdesk_social_message": "messages",
    "helpdesk_social_event": "events",
}


def fill(env, account, teams, agents, messages, people):
    """Fill, and move the sequences beyond what was filled in. Commits."""
    stages = teams[0]._get_applicable_stages()
    values = {
        "base": BASE,
        "messages": messages,
        "people": people,
        **{name: int(messages * share) for name, share in SHARES.items()},
        "account": account.id,
        "app": account.app_id.id,
        "company": account.company_id.id,
        "network": account.network_id.id,
        "channel": account.network_id.channel_id.id,
        "teams": teams.ids,
        "open": stages.filtered(lambda one: not one.closed)[:1].id,
        "closed": stages.filtered("closed")[:1].id,
        "agents": agents.ids,
        "staff": len(agents),
        "followers": agents.partner_id.ids,
        "author": env.ref("base.partner_root").id,
        "subtype": env.ref("helpdesk_mgmt.hlp_tck_created").id,
    }
    env.flush_all()
    env.cr.execute("SELECT setseed(0.42)")
    for step in STEPS:
        env.cr.execute(SQL(step, **values))
    for table, name in FILLED.items():
        env.cr.execute(
            SQL("SELECT setval(%s, %s)", f"{table}_id_seq", BASE + values[name])
        )
    env.cr.commit()
    env.invalidate_all()
