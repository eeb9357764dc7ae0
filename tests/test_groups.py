"""The groups "Editors" and "Reviewers" come with the migrations."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from kb.models import Claim

pytestmark = pytest.mark.django_db


def allowed(group: str) -> set[str]:
    permissions = Permission.objects.filter(group__name=group)
    return {f"{p.content_type.app_label}.{p.codename}" for p in permissions}


def test_editors_may_do_all_to_a_claim_but_publish_it():
    for kind in [Claim, *Claim.kinds().values()]:
        for action in ("add", "change", "delete", "view"):
            assert f"{kind._meta.app_label}.{action}_{kind._meta.model_name}" in allowed("Editors")
    assert "kb.publish_claim" not in allowed("Editors")


def test_editors_change_no_text_and_no_history():
    for model in ("paragraph", "transcription", "publication", "edition", "step"):
        assert f"kb.view_{model}" in allowed("Editors")
        for action in ("change", "delete"):
            assert f"kb.{action}_{model}" not in allowed("Editors")


def test_reviewers_publish_as_well():
    assert allowed("Reviewers") == allowed("Editors") | {"kb.publish_claim"}


def test_the_groups_go_and_come_back_with_their_migration():
    name = ("organizations", "0002_editors_and_reviewers")
    loader = MigrationLoader(connection)
    apps = loader.project_state(name).apps
    (operation,) = loader.get_migration(*name).operations
    before = allowed("Reviewers")
    editor = connection.schema_editor()  # not entered: SQLite forbids it in a transaction
    operation.reverse_code(apps, editor)
    assert not Group.objects.exists()
    operation.code(apps, editor)
    operation.code(apps, editor)
    assert Group.objects.count() == 2
    assert allowed("Reviewers") == before
