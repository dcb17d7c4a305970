"""The portfolio's series and their labels."""

FIRST_YEAR = 2001
ASSISTANCE = "usmil_assistance_usd"
SALES = {
    "usarms_fms_agreements_usd": "Foreign Military Sales agreed",
    "usarms_fms_deliveries_usd": "Foreign Military Sales delivered",
    "usarms_dcs_licences_usd": "Direct Commercial Sales licensed",
    "dsca_notifications": "Sales notified to Congress",
}
LABELS = {ASSISTANCE: "Military assistance", **SALES}
