"""The one table of failures: what each error does, and the words for people.

Adapters raise codes (``networks/errors.py``); nothing outside this file turns a code
into a sentence or decides what an error means for a pull, a message or an account.
"""

from dataclasses import dataclass
from datetime import timedelta

from odoo.tools.translate import LazyTranslate

from ..networks import errors

_lt = LazyTranslate(__name__)


@dataclass(frozen=True)
class Effect:
    """``account``: its new state, if any. ``message``: what happens to a reply.
    ``pull``: ``later`` (with growing waits), ``restart`` (forget the cursor) or
    ``stop`` (until somebody acts).
    """

    account: str = ""
    message: str = "failed"
    pull: str = "later"


#: first match along the class's bases wins
EFFECTS: dict[type[errors.NetworkError], Effect] = {
    errors.RateLimited: Effect(message="queued"),
    # told to the agent at once: waiting does not help, somebody must pay
    errors.Exhausted: Effect(message="failed"),
    errors.TransientError: Effect(message="queued"),
    errors.UncertainError: Effect(message="uncertain"),
    errors.AuthError: Effect(account="needs_auth", message="queued", pull="stop"),
    errors.ScopeError: Effect(message="failed"),
    errors.RejectedError: Effect(),
    errors.CursorExpired: Effect(message="failed", pull="restart"),
    errors.ConfigError: Effect(account="error", message="queued", pull="stop"),
    errors.MalformedResponse: Effect(message="failed"),
    errors.NetworkError: Effect(),
}

#: waits between attempts, the last one repeats
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 20, 60, 180, 600, 1800, 3600)
)

WORDS = {
    "auth": _lt(
        "The network no longer accepts our sign-in. Connect the account again."
    ),
    "not_accepted": _lt(
        "The network does not accept this sign-in. Check what was typed in, or sign in "
        "again."
    ),
    "token_expired": _lt(
        "The network says that our sign-in has ended, although it was just renewed. "
        "Connect the account again."
    ),
    "token_ended": _lt("The sign-in has ended. Sign in again on the account."),
    "revoked": _lt(
        "Our access was taken back on the network. Sign in again on the account."
    ),
    "renewing": _lt("The sign-in is just being renewed; we go on by ourselves."),
    "renewal_lost": _lt(
        "Renewing the sign-in was cut off, and the network does not take the old one "
        "any more. Sign in again on the account."
    ),
    "unproven": _lt("The sign-in was changed. Connect the account to prove it."),
    "other_account": _lt(
        "The sign-in leads to another account now: %(detail)s. Sign in again."
    ),
    "waits_for_sign_in": _lt(
        "It waits: the account must be connected again before anything is sent."
    ),
    "scope": _lt("The account lacks a right for this. Connect it again and allow it."),
    "config": _lt("A setting of the account is missing or wrong."),
    "bad_setting": _lt("This setting cannot be right: %(detail)s"),
    "handle_taken": _lt("%(detail)s is somebody else's name there. Choose another."),
    "empty": _lt("There is nothing to send: write something, or add a file."),
    "missing_setting": _lt("A required setting is missing: %(detail)s"),
    "bad_url": _lt("This is not a usable address. It looks like https://example.org"),
    "https_required": _lt("The address must start with https://"),
    "host_not_allowed": _lt("This account may not speak to %(detail)s."),
    "address_not_allowed": _lt(
        "The address leads into a private network. Only the server's configuration "
        "file can allow that."
    ),
    "tls": _lt("The server's certificate is not valid. Check the address."),
    "unreachable": _lt("The server cannot be reached. Check the address, or wait."),
    "timeout": _lt("The server did not answer in time."),
    "cut": _lt("The connection broke."),
    "rate_limited": _lt("The network asks us to slow down; we go on by ourselves."),
    "out_of_money": _lt(
        "The network gives us nothing more: the app's credit there, or its quota, is "
        "used up. An administrator adds credit in the network's developer console, "
        "then checks the account."
    ),
    "quota_used": _lt(
        "Today's quota of the app is used up, or what is left of it is kept for "
        "replies. It goes on by itself when the network's day ends; a helpdesk manager "
        "may correct the quota on the app's form."
    ),
    "budget_spent": _lt(
        "This month's budget of the app is spent, so nothing that costs money is done. "
        "A helpdesk manager can raise it on the app's form, or answer on the network "
        "itself."
    ),
    "budget_reads": _lt(
        "What is left of the app's budget is kept for replies, so nothing is read "
        "until more is allowed or a new month begins. A helpdesk manager can raise it "
        "on the app's form."
    ),
    "uncertain": _lt("Nobody knows whether this was published. Please look."),
    "not_found": _lt("It is gone, or we may not see it."),
    "forbidden": _lt("The network does not allow this."),
    "blocked": _lt("This person has blocked us, or does not take messages from us."),
    "too_long": _lt("The text is too long for this network."),
    "media_rejected": _lt("The network does not take this file."),
    "media_processing": _lt("The network is still working on the file."),
    "not_json": _lt(
        "The server answered something else than its API promises. Is the address "
        "right, and is it a supported server?"
    ),
    "malformed": _lt("The server's answer could not be read."),
    "too_large": _lt("The answer is larger than we accept."),
    "redirect": _lt("The server sends us elsewhere. Use the final address."),
    "unsupported": _lt("This network cannot do that."),
    "unsupported_server": _lt("This server does not offer what we need: %(detail)s"),
    "webhook_active": _lt(
        "The network pushes to another address, perhaps of another program. Connect "
        "the account again and choose who asks: that switches it off there."
    ),
    "conflict": _lt("Somebody else is reading this account's messages too."),
    "rejected": _lt("The network refused: %(detail)s"),
    "duplicate": _lt("The network refuses a text that was just sent."),
    "exists": _lt("The network has this already."),
    "never_started": _lt("This person has not written to us in private yet."),
    "guard": _lt(
        "It shows private data in public. Send it in private, take the data out, or "
        "say why it must be public."
    ),
    "paced_answered": _lt("Passed over: somebody had answered this person by then."),
    "paced_deleted": _lt("Passed over: what it answers is gone."),
    "paced_edited": _lt("Passed over: what it answers was edited. Please look at it."),
    "paced_again": _lt("Passed over: this person wrote again. Please look at it."),
    "gone_stale": _lt("Something new came in meanwhile. Please look and send again."),
    "waited_too_long": _lt("It waited too long to be sent by itself. Please check it."),
    "not_allowed_to_speak": _lt("You may not speak as this account."),
    "audience_wider": _lt("A private conversation is never answered in public."),
    "no_target": _lt("There is nobody to answer."),
    "not_sent": _lt("It is not on the network."),
    "traffic_stopped": _lt("All social traffic is stopped by an administrator."),
    "restored_copy": _lt(
        "This looks like a copy of the database. An administrator must confirm "
        "before it may speak."
    ),
    "no_adapter": _lt(
        "The addon that brings this network is not installed (any more)."
    ),
    "account_not_active": _lt("The account is not connected."),
    "cursor_expired": _lt("The network forgot where we were; we read again."),
    "deleted": _lt("The message was deleted."),
    "not_addressed": _lt("Only people who wrote to us can be answered here."),
    "too_old": _lt("It is too old for that."),
    "unknown_kind": _lt("A kind of message we do not know yet."),
    "alt_too_long": _lt("The description of a file is too long for this network."),
    "bad_payload": _lt("A link to a private conversation cannot carry this."),
    "chat_upgraded": _lt(
        "The group has become a larger one, and its old messages stayed behind."
    ),
    "chat_not_found": _lt("The conversation is gone, or we were never in it."),
    "deactivated": _lt("This person's account no longer exists."),
    "account_suspended": _lt("The network has suspended or closed the account."),
    "second_factor": _lt(
        "The account asks for a second factor when somebody signs in. Make a password "
        "for apps on the network's page, and use that one here."
    ),
    "messages_disabled": _lt("This person takes no private messages."),
    "not_followed": _lt(
        "This person takes private messages only from those they follow. Ask them in "
        "public to write to us: then they can be answered."
    ),
    "conversation_locked": _lt("Nobody may write in this conversation any more."),
    "replies_closed": _lt("The author lets nobody, or not us, answer there."),
    "not_our_thread": _lt("Only answers below our own posts can be hidden."),
    "too_many_hidden": _lt("No more than %(detail)s answers can be hidden there."),
    "look_up_incomplete": _lt(
        "We could not look through everything yet; we look again."
    ),
    "not_member": _lt("We are no longer a member of this group."),
    "oauth_denied": _lt(
        "The sign-in was refused on the network's page. Begin again to allow it."
    ),
    "oauth_refused": _lt("The network did not accept the sign-in. Please begin again."),
    "oauth_registration": _lt(
        "The network no longer knows our registration. Begin again: a new one "
        "is made, or check the client id and secret."
    ),
    "too_early": _lt("The network asks us to wait a moment."),
    "unknown_person": _lt("The server does not know this person."),
    "no_resolver": _lt("None of your accounts can read links. Is one connected?"),
    "not_summoned": _lt(
        "The network lets programs answer only people who named us or quoted us. "
        "Answer on the network itself."
    ),
    "reply_refused": _lt(
        "The network did not accept an answer to this post: it is gone, closed for "
        "answers, or nobody named us in it."
    ),
    "not_in_plan": _lt("The app's plan with the network does not include this."),
    "inbox_closed": _lt(
        "This person takes no private messages from us. Ask in public to be written to."
    ),
    "direct_refused": _lt(
        "The network did not deliver it: this person takes no private messages from "
        "us, or the conversation has moved to where only the network's own programs "
        "can write."
    ),
    "sealed": _lt(
        "This conversation is encrypted: only the network's own programs can read and "
        "answer it. Open it there."
    ),
    "protected": _lt(
        "Only this person's followers can read this, and an answer would be readable "
        "by others. Write in private."
    ),
    "looks_automated": _lt(
        "The network takes this for automated. Change the words, or wait a while."
    ),
    "bad_parameter": _lt("The network refused what we asked: %(detail)s"),
    "wrong_sign_in": _lt(
        "The network wants another kind of sign-in for this: %(detail)s"
    ),
    "webhook_unproved": _lt(
        "The network asked our address for a proof and did not get the right one. Can "
        "it be reached from outside, and is the app's secret right?"
    ),
    "webhook_address": _lt(
        "The network does not take our address. It must begin with https:// and have "
        "no port."
    ),
    "webhook_fields": _lt(
        "The app pushes to another address and leaves this out: %(detail)s. Tick it in "
        "the network's developer console, under the app's webhooks."
    ),
    "webhook_elsewhere": _lt(
        "The app pushes to another program (%(detail)s), and an app has one address. "
        "Register an app of its own for Odoo, change the address in the network's "
        "developer console, or let Odoo ask the network itself."
    ),
    "webhook_off": _lt(
        "Deliveries are switched off on the network. Switch on “Use webhook” in its "
        "developer console, then check the account."
    ),
    "month_used_up": _lt(
        "The messages of this month's plan are used up. An administrator can change "
        "the plan on the network; what waits goes out by itself then, or next month."
    ),
    "preparing": _lt("The network is still preparing the file; we try again."),
    "page_ended": _lt(
        "The private page has ended: nobody can read it any more. Invite the person "
        "again."
    ),
    "private_reply_late": _lt(
        "The network takes a private answer to a post within 7 days, and that time is "
        "over. Ask the person in public to write to you."
    ),
    "choose_page": _lt(
        "Several pages can be connected with this sign-in. Put the number of one into "
        "“Page ID”, and try again: %(detail)s"
    ),
    "page_token": _lt(
        "This is not the access token of a page, or the app secret is that of another "
        "app. Sign in instead, or paste the token of a system user."
    ),
    "private_reply_used": _lt(
        "The network takes one private answer to each post, and it was given already."
    ),
    "block_too_late": _lt(
        "The network lets us block people only within 24 hours of their last message. "
        "Block them again when they write."
    ),
    "block_list_full": _lt(
        "The network's list of blocked people is full. An administrator can take some "
        "off it on the network."
    ),
    "window_closed": _lt(
        "More than the allowed time has passed since this person last wrote: until "
        "they write again the network takes nothing, or only an approved template "
        "where it has some."
    ),
    "only_human": _lt(
        "So long after this person's last message the network takes only what a person "
        "writes: no holding statement and no other prepared text."
    ),
    "human_agent_refused": _lt(
        "The network has not approved our app to answer so late (Human Agent). Wait "
        "until this person writes again, or have an administrator correct the app's "
        "settings."
    ),
    "one_message_only": _lt(
        "The network takes one private message here, so it holds either words or one "
        "file. Leave one of them out."
    ),
    "no_account_behind": _lt(
        "No professional account belongs to this page, or the sign-in may not see it. "
        "Link them in the page's settings, and allow both when you sign in."
    ),
    "undeliverable": _lt(
        "The network could not deliver it: the person has no account there any more, "
        "an old program, or has not accepted the network's terms."
    ),
    "pair_limit": _lt(
        "Too many messages to this person in a short time; we go on by ourselves."
    ),
    "unknown": _lt("The network failed and does not say why."),
    "unavailable": _lt("The network has a problem of its own; we try again."),
    "maintenance": _lt("The network is being maintained; we try again."),
    "slowing_down": _lt("We go slower before the network stops us."),
    "test_number": _lt(
        "This is a test number of the network's: the person must be on its list of "
        "recipients first."
    ),
    "experiment": _lt(
        "The network delivers no templates to this person at present. Wait until they "
        "write."
    ),
    "too_many_ads": _lt(
        "The network keeps this person from getting too much advertising. Try again in "
        "a day at the earliest."
    ),
    "opted_out": _lt("This person has asked for no more advertising from us."),
    "phone_needed": _lt(
        "The network sends this kind of message to a phone number only, and this "
        "person does not show theirs."
    ),
    "account_blocked": _lt(
        "The network has locked our account or blocks it for now. An administrator "
        "finds the reason in the network's business settings."
    ),
    "payment": _lt(
        "The network bills this, and our payment there has a problem. An administrator "
        "corrects it in the network's business settings, then checks the account."
    ),
    "app_not_live": _lt(
        "Our app is not published with the network, which lets it reach only people "
        "who have a role in it. An administrator publishes it there."
    ),
    "not_registered": _lt(
        "Our number is not registered with the network. An administrator registers it "
        "in the network's business settings."
    ),
    "other_program": _lt("Another program has taken over this conversation."),
    "template_values": _lt(
        "A gap of the template is not filled as it must be: %(detail)s"
    ),
    "template_gone": _lt("The template does not exist in this language (any more)."),
    "template_refused": _lt("The network does not allow this template at present."),
    "template_off": _lt(
        "This template is not offered any more. A helpdesk manager switched it off."
    ),
    "template_changed": _lt(
        "The words of the template are others now than those that were sent off. Read "
        "them and send it again."
    ),
    "template_file": _lt(
        "The number of files is not what this template takes: add the one that it "
        "needs, or remove what it has no room for."
    ),
    "group_message": _lt("It was written in a group, which is not supported yet."),
    "network_error": _lt("The network tells of a problem with our account."),
    "returned": _lt("Sent back: %(detail)s"),
    "approval": _lt("Somebody else must look at this reply before it goes out."),
    "upload_lost": _lt("The network lost a file on the way; it is sent again."),
    "crash": _lt("Processing failed; see the error and try again."),
}


def effect_of(error: errors.NetworkError) -> Effect:
    """The row of the table for this error."""
    for kind in type(error).__mro__:
        if kind in EFFECTS:
            return EFFECTS[kind]
    return Effect()


def explain(env, code: str, detail: str = "") -> str:
    """A sentence for a person, in their language.

    A status code we have no words for is told as a refusal with what the server
    said.
    """
    words = WORDS.get(code)
    if words is None:
        if code.startswith("http_5"):
            words = _lt("The network has a problem of its own (%(detail)s).")
            detail = code[5:]
        else:
            words = WORDS["rejected"]
            detail = detail or code
    text = env._(words)  # pylint: disable=translation-not-lazy
    return text % {"detail": detail} if "%(" in text else text


def wait_before(attempt: int) -> timedelta:
    """How long to wait after ``attempt`` failures (1 is the first)."""
    return WAITS[min(max(attempt, 1), len(WAITS)) - 1]
