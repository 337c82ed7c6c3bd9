"""What the fake X lets one ask for, per route: parameters, fields, limits.

The real one refuses every parameter and every field that it does not list (HTTP 400,
fact sheet x §5), so does this one. Limits are those of §2.
"""

TWEET = """article attachments author_id card_uri community_id context_annotations
    conversation_id created_at display_text_range edit_controls edit_history_tweet_ids
    entities geo id in_reply_to_user_id lang media_metadata non_public_metrics
    note_tweet organic_metrics possibly_sensitive promoted_metrics public_metrics
    referenced_tweets reply_settings scopes source suggested_source_links text
    withheld""".split()
USER = """affiliation confirmed_email connection_status created_at description entities
    id is_identity_verified location most_recent_tweet_id name parody pinned_tweet_id
    profile_banner_url profile_image_url protected public_metrics receives_your_dm
    subscription subscription_type url username verified verified_followers_count
    verified_type withheld""".split()
MEDIA = """alt_text duration_ms height media_key non_public_metrics organic_metrics
    preview_image_url promoted_metrics public_metrics type url variants width""".split()
DM = """attachments created_at dm_conversation_id entities event_type id participant_ids
    referenced_tweets sender_id text""".split()
FIELDS = {
    "tweet": TWEET,
    "user": USER,
    "media": MEDIA,
    "dm_event": DM,
    "poll": "duration_minutes end_datetime id options voting_status".split(),
    "place": "contained_within country country_code full_name geo id name".split(),
}
#: kinds of ``*.fields`` and the expansions of each kind of answer
POSTS = (
    ("tweet", "user", "media", "poll", "place"),
    """article.cover_media article.media_entities attachments.media_keys
    attachments.media_source_tweet attachments.poll_ids author_id
    edit_history_tweet_ids entities.mentions.username geo.place_id in_reply_to_user_id
    entities.note.mentions.username referenced_tweets.id
    referenced_tweets.id.attachments.media_keys
    referenced_tweets.id.author_id""".split(),
)
USERS = (
    ("user", "tweet"),
    "affiliation.user_id most_recent_tweet_id pinned_tweet_id".split(),
)
EVENTS = (
    ("dm_event", "user", "media", "tweet"),
    "attachments.media_keys participant_ids referenced_tweets.id sender_id".split(),
)

#: 15-minute limits per app and per user, then per 24 hours; None = no such caller
WINDOW, DAY = 900, 86400
LIMITS = (
    ("GET", r"/2/users/me", (None, 75), None),
    ("GET", r"/2/users/\d+/mentions", (450, 300), None),
    ("GET", r"/2/users/\d+/tweets", (10000, 900), None),
    ("GET", r"/2/tweets/search/recent", (450, 300), None),
    ("GET", r"/2/tweets/\d+/quote_tweets", (75, 75), None),
    ("GET", r"/2/tweets", (3500, 5000), None),
    ("GET", r"/2/tweets/\d+", (450, 900), None),
    ("POST", r"/2/tweets", (None, 100), (10000, None)),
    ("DELETE", r"/2/tweets/\d+", (None, 50), None),
    ("PUT", r"/2/tweets/\d+/hidden", (None, 50), None),
    ("POST", r"/2/users/\d+/likes", (None, 50), (None, 1000)),
    ("DELETE", r"/2/users/\d+/likes/\d+", (None, 50), (None, 1000)),
    ("GET", r"/2/users(/\d+|/by.*)?", (300, 900), None),
    ("GET", r"/2/dm_events", (None, 15), None),
    ("GET", r"/2/dm_events/\d+", (None, 15), None),
    ("GET", r"/2/dm_conversations/with/\d+/dm_events", (None, 15), None),
    ("GET", r"/2/dm_conversations/[\d-]+/dm_events", (None, 15), None),
    ("POST", r"/2/dm_conversations.*", (None, 15), (1440, 1440)),
    ("DELETE", r"/2/dm_events/\d+", (None, 300), (4000, 1500)),
    ("POST", r"/2/users/\d+/dm/(un)?block", (25, 10), None),
    ("GET", r"/2/media/upload", (None, 1000), None),
    ("POST", r"/2/media/upload", (None, 500), (50000, None)),
    ("POST", r"/2/media/upload/.+", (None, 1875), (180000, None)),
    ("POST", r"/2/media/metadata", (None, 500), None),
    (".*", r"/2/webhooks/replay", (100, None), None),
    (".*", r"/2/webhooks.*", (450, None), None),
    (".*", r"/2/activity/.*", (500, 500), None),
    (".*", r"/2/account_activity/.*", (500, 500), None),
)
#: a route without a row of its own
OTHERS = (900, 900)


def canonical(name: str) -> str:
    """``post.fields`` and its values in the spelling of the prose docs (§0)."""
    return {
        "post.fields": "tweet.fields",
        "referenced_posts": "referenced_tweets",
        "edit_history_post_ids": "edit_history_tweet_ids",
        "note_post": "note_tweet",
        "referenced_posts.id": "referenced_tweets.id",
        "referenced_posts.id.author_id": "referenced_tweets.id.author_id",
        "most_recent_post_id": "most_recent_tweet_id",
        "pinned_post_id": "pinned_tweet_id",
    }.get(name, name)
