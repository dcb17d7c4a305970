"""Draws the charts of a partner's page."""

from risk.report import charts
from risk.report.contracts.partner import PartnerCharts, PartnerPage


def draw_partner_charts(summary: PartnerPage) -> PartnerCharts:
    """Draw the charts of a summary, by name; None for one that would be empty."""
    first, rows = summary["beside"][0], summary["record"]["rows"]
    base = next((line["share"] for line in summary["beside"] if line["name"] == "All partners"), None)
    arms, money, themes = summary["arms"], summary["money"], summary["reasons"][0]["themes"]
    return {
        "beside": charts.draw_estimates_chart(summary["beside"]) if first["share"] is not None else None,
        "themes": charts.draw_themes_chart(themes) if themes else None,
        "record": charts.draw_forecasts_chart(rows, first, summary["origin"], base) if rows else None,
        "arms": charts.draw_arms_chart(arms) if arms and arms["any"] else None,
        "money": charts.draw_money_chart(money) if money else None,
    }
