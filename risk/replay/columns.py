"""What the tables of a replay hold: what one row is, and the meaning and unit of every column."""

from risk.cases.columns import RESULTS
from risk.outputs.columns import PARTNER, POSTURE, TIER, OutputTable

NOTIFICATIONS = OutputTable(
    "`out/replay/notifications.csv`",
    "a numbered notification of an arms sale",
    {
        "iso3": PARTNER["iso3"],
        "year": "year of the notification's number",
        "cn_number": "its number",
        "item": "item code read from its title; empty if not known",
        "announced": "day it was announced; empty if not known",
        "dsca_sale_usd": "US dollars; empty if not known",
        "partner": PARTNER["partner"],
        "origin": "the year before that of the number",
        "probability": "probability of misuse that the back-test gave at the origin; empty without a forecast",
        "status": "status of misuse at the origin",
        "<outcome>_followed": "whether the outcome came in the year of the number or the year after",
        "tier": f"{TIER}, by today's cuts",
        "posture": f"{POSTURE}, by the facts of the origin",
        "strategic_value": "0 to 100, at the origin",
        "leverage": "0 to 100, at the origin",
    },
)
RULES = OutputTable(
    "`out/replay/rules.csv`",
    "a rule, tier and result",
    {
        "kind": "kind of the rule",
        "rule": "id of the rule",
        "tier": "tier at the origin",
        "result": "`applies` or `refer`",
        "notifications": "number of notifications that would have carried it",
        "partners": "number of partners among them",
    },
)
NAMED = OutputTable(
    "`out/replay/named.csv`", "a notification whose item is known, reviewed as a case today", RESULTS.columns
)
TABLES = (NOTIFICATIONS, RULES, NAMED)
