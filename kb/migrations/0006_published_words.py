from django.db import migrations, models
from django.db.models.deletion import PROTECT

LETTERS = {"heading": "h", "body": "p"}


def fill(apps, schema_editor):
    """With what the snapshots say; one that can't be read says nothing."""
    Paragraph = apps.get_model("kb", "Paragraph")
    PublishedWords = apps.get_model("kb", "PublishedWords")
    places = Paragraph.objects.values_list(
        "transcription__source__slug", "transcription__version", "kind", "number", "pk"
    )
    known = {(slug, version, f"{LETTERS[kind]}{n}"): pk for slug, version, kind, n, pk in places}
    spans = set()
    snapshots = apps.get_model("kb", "Publication").objects.values_list("snapshot", flat=True)
    for snapshot in snapshots.iterator():
        for cited in snapshot.get("citations", ()):
            pk = known.get((cited["source"], cited["version"], cited["paragraph"]))
            if pk:
                spans.add((pk, cited["start"], cited["end"]))
    PublishedWords.objects.bulk_create(
        (PublishedWords(paragraph_id=pk, start=start, end=end) for pk, start, end in sorted(spans)),
        ignore_conflicts=True,
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [('kb', '0005_names_for_editors')]

    operations = [
        migrations.CreateModel(
            name='PublishedWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('paragraph', models.ForeignKey(on_delete=PROTECT, related_name='published_words', to='kb.paragraph')),
            ],
            options={
                'ordering': ['paragraph', 'start', 'end'],
                'constraints': [models.UniqueConstraint(fields=('paragraph', 'start', 'end'), name='kb_publishedwords_once')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
