import django.db.models.deletion
import kb.models.searching
from django.db import migrations, models

SETUP = {
    "sqlite": "CREATE VIRTUAL TABLE kb_entry_index USING fts5(tokens, content='kb_entry', "
    "content_rowid='id', tokenize='ascii', detail=none, columnsize=0)",
    "postgresql": "CREATE INDEX kb_entry_index ON kb_entry USING gin (tokens)",
}
UNDO = {
    "sqlite": "DROP TABLE kb_entry_index",
    "postgresql": "DROP INDEX kb_entry_index",
}


def make_index(apps, schema_editor):
    schema_editor.execute(SETUP[schema_editor.connection.vendor])


def drop_index(apps, schema_editor):
    schema_editor.execute(UNDO[schema_editor.connection.vendor])


class Migration(migrations.Migration):

    dependencies = [
        ('kb', '0006_published_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='Word',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=100, unique=True)),
                ('stem', models.CharField(db_index=True, max_length=100)),
                ('count', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.PositiveIntegerField(default=0)),
                ('facets', models.TextField()),
                ('words', models.TextField()),
                ('tokens', kb.models.searching.TokensField()),
                ('claim', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kb.claim')),
                ('paragraph', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kb.paragraph')),
            ],
            options={
                'verbose_name_plural': 'entries',
                'constraints': [models.CheckConstraint(condition=models.Q(('claim', None), ('paragraph', None), _connector='XOR'), name='kb_entry_of_claim_or_paragraph'), models.UniqueConstraint(fields=('paragraph', 'start'), name='kb_entry_once')],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
