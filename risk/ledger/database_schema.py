"""The ledger's table and the triggers that refuse every change to a written line."""

import sqlite3

LINE_TABLE = "line"
CREATE_TABLE = """CREATE TABLE line (
  number INTEGER PRIMARY KEY, "when" TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  previous TEXT NOT NULL, hash TEXT NOT NULL)"""
# INSERT OR REPLACE would remove the old line without firing the DELETE trigger.
ORDER_GUARD = (
    "CREATE TRIGGER in_order BEFORE INSERT ON line "
    "WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM line) BEGIN "
    "SELECT RAISE(ABORT, 'the ledger only grows: a line comes after the last'); END"
)
TABLE_GUARDS = {"in_order": ORDER_GUARD} | {
    f"no_{change.lower()}": (
        f"CREATE TRIGGER no_{change.lower()} BEFORE {change} ON line BEGIN "
        f"SELECT RAISE(ABORT, 'the ledger only grows: no line is ever changed or removed'); END"
    )
    for change in ("UPDATE", "DELETE")
}


def create_table(connection: sqlite3.Connection) -> None:
    """Create table and triggers; all of them, or none if the process is killed."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in (CREATE_TABLE, *TABLE_GUARDS.values()):
        connection.execute(statement)
    connection.execute("COMMIT")


def find_schema_differences(connection: sqlite3.Connection) -> str:
    """Name the tables and triggers that differ from `create_table`'s; empty if none do."""
    actual = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    expected = {LINE_TABLE: CREATE_TABLE, **TABLE_GUARDS}
    # In a damaged file a name may be bytes, a number or nothing.
    return ", ".join(sorted(str(name) for name in actual.keys() | expected if actual.get(name) != expected.get(name)))
