"""How is our own id written where Meta takes a text of ours, and how is it known again?"""

from __future__ import annotations

METADATA = "throughline:"
USER_REF = "user_ref:"


def written(ref: str) -> str:
    """Our id of a message as its `metadata`."""
    return METADATA + ref


def read(metadata: object) -> str:
    """The id in an echo's `metadata`, '' if it is not one of ours."""
    if not isinstance(metadata, str) or not metadata.startswith(METADATA):
        return ""
    return metadata.removeprefix(METADATA)[:255]


def user_ref(reference: str) -> str:
    """The address of somebody who ticked a box and has not written yet: no id, only our own reference of the box."""
    return USER_REF + reference if reference else ""


def of_user_ref(address: str) -> str:
    """The reference of such an address, '' if it is an id."""
    return address.removeprefix(USER_REF) if address.startswith(USER_REF) else ""
