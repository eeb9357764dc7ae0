"""On PostgreSQL: the planner is told what it costs to read a row's tokens outside the index."""

from django.db import migrations

DO = [
    "CREATE FUNCTION kb_entry_tokens(tsvector) RETURNS tsvector "
    "IMMUTABLE STRICT PARALLEL SAFE COST 400 LANGUAGE plpgsql AS 'BEGIN RETURN $1; END'",
    "DROP INDEX kb_entry_index",
    "CREATE INDEX kb_entry_index ON kb_entry USING gin (kb_entry_tokens(tokens))",
]
UNDO = [
    "DROP INDEX kb_entry_index",
    "CREATE INDEX kb_entry_index ON kb_entry USING gin (tokens)",
    "DROP FUNCTION kb_entry_tokens(tsvector)",
]


def run(statements):
    def on_postgresql(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return on_postgresql


class Migration(migrations.Migration):

    dependencies = [
        ('kb', '0007_search'),
    ]

    operations = [migrations.RunPython(run(DO), run(UNDO))]
