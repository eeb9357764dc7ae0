"""The groups "Editors" and "Reviewers". It stands here since this app knows of all others."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ALL = ("add", "change", "delete", "view")
EDITORS = {
    "kb": {
        "claim": ALL,
        "citation": ALL,
        "taggedclaim": ALL,
        "note": ALL,
        "source": ("add", "change", "view"),
        "transcription": ("add", "view"),
        "paragraph": ("view",),
        "sentence": ("change", "view"),
        "intake": ALL,
        "carry": ("add", "view"),
        "step": ("view",),
        "edition": ("view",),
        "publication": ("view",),
    },
    "principles": {kind: ALL for kind in ("principle", "leader", "quotation", "statement")},
    "organizations": {kind: ALL for kind in ("organization", "membership")},
    "taggit": {"tag": ALL},
}


def make(apps, schema_editor):
    """Permissions are otherwise made after all migrations, which is too late for this one."""
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    granted = []
    for label, models in EDITORS.items():
        config = apps.get_app_config(label)
        config.models_module = True  # else it is taken for an app without models
        create_permissions(config, verbosity=0, apps=apps, using=schema_editor.connection.alias)
        config.models_module = None
        codenames = [f"{action}_{model}" for model, actions in models.items() for action in actions]
        found = Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
        granted += found
    publishing = Permission.objects.filter(content_type__app_label="kb", codename="publish_claim")
    for name, permissions in (("Editors", granted), ("Reviewers", [*granted, *publishing])):
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*permissions)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["Editors", "Reviewers"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("principles", "0001_initial"),
        ("kb", "0002_workflow"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make, remove)]
