"""Who sees what in the back office? A superuser all, staff what they were given, an agent nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel, WidgetKey
from config import roles
from customers.models import AttributeDefinition, Customer
from tests import factories as make
from tests.admin import office
from tests.admin.conftest import permit


def test_staff_without_permissions_see_no_table(clerks: Client) -> None:
    statuses = {clerks.get(office.page(model, "changelist")).status_code for model in office.REGISTERED}
    assert statuses == {403}
    assert "/admin/customers/" not in clerks.get("/admin/").content.decode()


def test_staff_see_the_tables_they_were_given_and_no_other_link(clerks: Client, clerk: User) -> None:
    permit(clerk, "view_customer")
    text = clerks.get("/admin/").content.decode()
    assert clerks.get(office.page(Customer, "changelist")).status_code == 200
    assert (office.page(Customer, "changelist") in text, "/admin/channels_app/" in text) == (True, False)


def test_an_agent_is_not_staff(client: Client, db: None) -> None:
    client.force_login(make.agent("Ana Sousa").user)
    answers = [client.get("/admin/"), client.get(office.page(Customer, "changelist"))]
    assert [answer.status_code for answer in answers] == [302, 302]


def test_nobody_sees_a_table_without_a_login(client: Client, db: None) -> None:
    statuses = {client.get(office.page(model, "changelist")).status_code for model in office.REGISTERED}
    assert statuses == {302}


def test_the_side_bar_links_the_inbox_and_the_sandbox(boss: Client) -> None:
    text = boss.get("/admin/").content.decode()
    assert ('href="/inbox/"' in text, 'href="/sandbox/"' in text, "Throughline" in text) == (True, True, True)


def test_without_the_sandbox_there_is_no_link_to_it(boss: Client, settings: pytest.FixtureRequest) -> None:
    settings.SANDBOX = False
    assert 'href="/sandbox/"' not in boss.get("/admin/").content.decode()


@pytest.mark.scenario("T-42")
@pytest.mark.parametrize("field", ["is_superuser", "is_staff"])
def test_who_may_change_users_cannot_give_themselves_rights(clerks: Client, clerk: User, field: str) -> None:
    permit(clerk, "change_user", "view_user")
    User.objects.filter(pk=clerk.pk).update(is_superuser=False)
    form = {"username": "clerk2", "is_active": "on", field: "on", "date_joined_0": "2026-01-01", "date_joined_1": "0:0"}
    clerks.post(office.page(User, "change", clerk.pk), form)
    clerk.refresh_from_db()
    assert (clerk.username, clerk.is_superuser, clerk.user_permissions.count()) == ("clerk2", False, 2)


@pytest.mark.scenario("T-42")
def test_who_may_change_users_cannot_take_over_a_superuser(clerks: Client, clerk: User) -> None:
    permit(clerk, "change_user")
    boss = User.objects.create_superuser("boss", password=make.PASSWORD)
    new = {"password1": "taken-over-2026", "password2": "taken-over-2026", "usable_password": "true"}
    assert clerks.post(f"/admin/auth/user/{boss.pk}/password/", new).status_code == 403
    assert User.objects.get(pk=boss.pk).check_password(make.PASSWORD)


@pytest.mark.scenario("T-42")
def test_who_may_change_groups_is_a_superuser(clerks: Client, clerk: User) -> None:
    group = Group.objects.create(name="clerks")
    permit(clerk, "change_group", "add_group")
    assert clerks.post(office.page(Group, "change", group.pk), {"name": "x"}).status_code == 403
    assert clerks.post(office.page(Group, "add"), {"name": "x"}).status_code == 403


def test_an_administrator_administers_identity_whole(clerks: Client, clerk: User) -> None:
    roles.seed()
    clerk.groups.add(Group.objects.get(name="Administrators"))
    pages = [office.page(model, view) for model in (AttributeDefinition, Channel) for view in ("changelist", "add")]
    pages += [office.page(WidgetKey, "changelist"), reverse("admin:identity-policy")]
    person = make.customer("Ann")
    pages += [reverse(f"admin:person-{verb}", args=[person.public_id]) for verb in ("erase", "export", "merge")]
    assert [clerks.get(page).status_code for page in pages] == [200] * len(pages)


def test_a_start_leaves_a_group_as_somebody_made_it(clerk: User) -> None:
    roles.seed()
    group = Group.objects.get(name="Agents")
    group.permissions.set(Permission.objects.filter(codename="view_group"))
    assert roles.seed() == []
    assert [one.codename for one in group.permissions.all()] == ["view_group"]
