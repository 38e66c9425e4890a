"""Does the SMS adapter stumble over nothing that anybody may post?"""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import Malformed, Request
from tests.channels_app import texting
from tests.channels_app.texting import ACCOUNT, SMS, URL

FIELDS = sorted(texting.message() | texting.status("sent") | {"MediaUrl0": "", "Latitude": "", "ErrorCode": ""})


@settings(max_examples=300, deadline=None)
@given(form=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=12)), query=st.text(max_size=8))
def test_any_form_is_read(form, query):
    for event in SMS.split(Request(urlencode(form).encode("utf-8", "replace"), {}, f"{URL}?{query}")).events:
        assert event.key and event.handle and len(event.key) <= 255
        assert SMS.parse(event.raw, ACCOUNT)


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=200), is_json=st.booleans())
def test_any_bytes_are_read_or_said_to_be_malformed(raw, is_json):
    headers = {b"content-type": b"application/json"} if is_json else {}
    try:
        (event,) = SMS.split(Request(raw, headers, URL)).events
    except Malformed:
        return
    assert SMS.parse(event.raw, ACCOUNT)


@settings(max_examples=100, deadline=None)
@given(raw=st.text(max_size=200))
def test_a_stored_event_of_any_text_is_read(raw):
    assert SMS.parse(raw, ACCOUNT)
