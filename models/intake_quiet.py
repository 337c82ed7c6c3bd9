"""What asks for no answer is settled by itself, and says so: nothing lies between.

A message to us waits, or somebody answered or handled it, or it is settled by itself
(a bare thanks on a closed ticket, a bot, a rule); ``why`` tells the reason. In memory,
nothing is written here, and what waits is never touched.
"""

#: not to us, or somebody is still to be asked about it
OPEN = ("context", "backlog")


def settle(batch, slot):
    """Before a message is stored: does it neither wait nor stand as handled?"""
    if slot.get("direction") != "in" or slot.get("waiting") or slot.get("context"):
        return
    if slot.get("handled_at") or slot.get("deleted_at") or slot.get("why") in OPEN:
        return
    if slot.conversation or slot.conversation_id:
        slot.values |= {"handled_how": "auto", "handled_at": batch.now}
