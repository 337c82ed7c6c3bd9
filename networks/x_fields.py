"""What we ask X for with each answer: by default it gives an id and a text (§5).

Unknown names are refused, so nothing stands here that is not in X's own list.
"""

_POST = (
    "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
    "id,in_reply_to_user_id,lang,note_tweet,referenced_tweets,text,withheld"
)
_USER = (
    "id,name,profile_image_url,protected,public_metrics,receives_your_dm,username,"
    "verified,verified_type"
)
_MEDIA = "alt_text,height,media_key,preview_image_url,type,url,variants,width"

POST = {
    "tweet.fields": _POST,
    "expansions": "attachments.media_keys,author_id,referenced_tweets.id",
    "user.fields": _USER,
    "media.fields": _MEDIA,
}
#: our own posts: what they say and whom they answer
OWN = {
    "tweet.fields": _POST,
    "expansions": "attachments.media_keys,author_id",
    "user.fields": "id,name,profile_image_url,username",
    "media.fields": _MEDIA,
}
MESSAGE = {
    "dm_event.fields": (
        "attachments,created_at,dm_conversation_id,entities,event_type,id,"
        "referenced_tweets,sender_id,text"
    ),
    "expansions": "attachments.media_keys,sender_id",
    "user.fields": _USER.replace("receives_your_dm,", ""),
    "media.fields": _MEDIA,
    "event_types": "MessageCreate",
}
USER = {"user.fields": _USER}
