"""The database itself refuses a reading of anyone but a customer, and a message that turns into one afterwards."""

from django.db import migrations

SQLITE = [
    """
    CREATE TRIGGER reading_only_of_customers BEFORE INSERT ON readings_reading
    WHEN NOT EXISTS (SELECT 1 FROM conversations_message
                     WHERE id = NEW.message_id AND author_kind = 'customer' AND NOT private)
    BEGIN SELECT RAISE(ABORT, 'a reading may only be made of a customer''s own public words'); END
    """,
    """
    CREATE TRIGGER reading_stays_as_made BEFORE UPDATE OF message_id, subject_kind, labels, cx, valence, arousal,
        confidence, model, model_version ON readings_reading
    BEGIN SELECT RAISE(ABORT, 'a reading is immutable'); END
    """,
    """
    CREATE TRIGGER message_that_was_read_stays_a_customers BEFORE UPDATE OF author_kind, private ON conversations_message
    WHEN (NEW.author_kind <> 'customer' OR NEW.private)
         AND EXISTS (SELECT 1 FROM readings_reading WHERE message_id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'this message has a reading; erase the reading first'); END
    """,
]
POSTGRESQL = [
    """
    CREATE FUNCTION unspoken_reading_only_of_customers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM conversations_message
                       WHERE id = NEW.message_id AND author_kind = 'customer' AND NOT private) THEN
            RAISE EXCEPTION 'a reading may only be made of a customer''s own public words' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER reading_only_of_customers BEFORE INSERT ON readings_reading
    FOR EACH ROW EXECUTE FUNCTION unspoken_reading_only_of_customers()
    """,
    """
    CREATE FUNCTION unspoken_reading_stays_as_made() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a reading is immutable' USING ERRCODE = '23514'; END $$
    """,
    """
    CREATE TRIGGER reading_stays_as_made BEFORE UPDATE OF message_id, subject_kind, labels, cx, valence, arousal,
        confidence, model, model_version ON readings_reading
    FOR EACH ROW EXECUTE FUNCTION unspoken_reading_stays_as_made()
    """,
    """
    CREATE FUNCTION unspoken_message_stays_a_customers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.author_kind <> 'customer' OR NEW.private)
           AND EXISTS (SELECT 1 FROM readings_reading WHERE message_id = NEW.id) THEN
            RAISE EXCEPTION 'this message has a reading; erase the reading first' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER message_that_was_read_stays_a_customers BEFORE UPDATE OF author_kind, private
    ON conversations_message FOR EACH ROW EXECUTE FUNCTION unspoken_message_stays_a_customers()
    """,
]


def install(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    on = {
        "reading_only_of_customers": "readings_reading",
        "reading_stays_as_made": "readings_reading",
        "message_that_was_read_stays_a_customers": "conversations_message",
    }
    for trigger, table in on.items():
        where = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {trigger}{where}")
    if schema_editor.connection.vendor == "postgresql":
        for function in ("reading_only_of_customers", "reading_stays_as_made", "message_stays_a_customers"):
            schema_editor.execute(f"DROP FUNCTION unspoken_{function}()")


class Migration(migrations.Migration):
    dependencies = [("readings", "0001_initial"), ("conversations", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
