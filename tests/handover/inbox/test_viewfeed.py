"""Do the screens of those who may see a view hear that it was shared, changed or taken away, and no others?"""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from conversations import hub
from handover import saved_views
from handover.filters import Filter
from handover.models import Agent, Queue, SavedView
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    return make.agent("Chloe Martin", supervises=(sales,))


@pytest.fixture
def shared(sales: Queue, chloe: Agent) -> SavedView:
    return saved_views.create(agent=chloe, title="On WhatsApp", asked=Filter(channel="whatsapp"), queue=sales)


@pytest.mark.asyncio
@pytest.mark.parametrize(("is_meant", "frames"), [(True, 1), (False, 0), (None, 1)])
async def test_who_is_meant_looks_again(ana: Agent, is_meant: bool | None, frames: int) -> None:
    screen = await Screen(await later(client_of, ana)).open()
    await screen.everything(seconds=0.3)  # its feeds have begun
    agents = None if is_meant is None else [ana.pk if is_meant else ana.pk + 1]
    hub.here().tell(saved_views.TOPIC, {"agents": agents})
    heard = await screen.everything(seconds=0.5)
    await screen.leave()
    assert len([frame for frame in heard if '"views"' in frame]) == frames


def told() -> list[object]:
    """What the hub is told once the present transaction has committed."""
    waiting = [entry[1] for entry in connection.run_on_commit]
    return [one.args[1]["agents"] for one in waiting if getattr(one, "args", ("",))[0] == saved_views.TOPIC]


def test_a_view_of_a_queue_means_its_people(ana: Agent, chloe: Agent, sales: Queue, shared: SavedView) -> None:
    make.agent("Tom of another team", queues=(make.queue("support"),))
    team = sorted((ana.pk, chloe.pk))
    with transaction.atomic():
        saved_views.create(agent=chloe, title="Waiting", asked=Filter(), queue=sales)
        saved_views.change(agent=chloe, view=shared, title="By phone")
        saved_views.remove(agent=chloe, view=shared)
        assert told() == [team, team, team]


def test_another_order_is_told_and_the_same_is_not(chloe: Agent, sales: Queue, shared: SavedView) -> None:
    other = saved_views.create(agent=chloe, title="Waiting", asked=Filter(), queue=sales)
    with transaction.atomic():
        saved_views.arrange(agent=chloe, ids=[shared.public_id, other.public_id])
        assert told() == []
        saved_views.arrange(agent=chloe, ids=[other.public_id, shared.public_id])
        assert len(told()) == 1


def test_ones_own_view_means_ones_other_windows_and_everybodys_all(ana: Agent, chloe: Agent) -> None:
    chloe.user.is_superuser = True
    chloe.user.save(update_fields=["is_superuser"])
    with transaction.atomic():
        saved_views.create(agent=ana, title="Mine", asked=Filter())
        saved_views.create(agent=chloe, title="All", asked=Filter(), is_shared=True)
        assert told() == [[ana.pk], None]
