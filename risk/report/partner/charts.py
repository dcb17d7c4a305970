"""The charts of a partner's page."""

from risk.report import charts
from risk.report.contracts.partner import PartnerCharts, PartnerPage


def drawings(summary: PartnerPage) -> PartnerCharts:
    """The charts of a summary by name; one that would be empty is none."""
    first, rows = summary["beside"][0], summary["record"]["rows"]
    base = next((line["share"] for line in summary["beside"] if line["name"] == "All partners"), None)
    arms, money, themes = summary["arms"], summary["money"], summary["reasons"][0]["themes"]
    return {
        "beside": charts.beside(summary["beside"]) if first["share"] is not None else None,
        "themes": charts.themes(themes) if themes else None,
        "record": charts.record(rows, first, summary["origin"], base) if rows else None,
        "arms": charts.arms(arms) if arms and arms["any"] else None,
        "money": charts.money(money) if money else None,
    }
