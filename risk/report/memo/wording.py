"""The texts that case memos and the page on case review share."""

from collections.abc import Mapping

from risk.report.contracts.memo import Risk

RISK_NAMES: Mapping[Risk, str] = {
    "repression": "Internal repression",
    "civilian_harm": "Civilian harm in war",
    "coup": "Coup",
    "diversion": "Diversion",
    "aggression": "External aggression",
}
# RISK_NAMES as column headings.
SHORT_RISK_NAMES = ("Repression", "Civilians", "Coup", "Diversion", "Aggression")
THRESHOLD_TIERS = ("guarded", "elevated", "high", "severe")
SCORE_SCALE = "0 none, 1 slight, 2 some, 3 high, 4 very high"
SCORE_WARNING = (
    "The scores of items and users are judgement, no published rating: a source named supports the direction of a "
    "score, not its exact value."
)
EXPOSURE_NOTE = (
    "Together is the score of item and user after record and terms. Exposure is a quarter of it times the pressure, "
    "times 100. Each risk has tiers of its own, since a coup is rarer than state terror: compare tiers, not exposures."
)
NOT_WEIGHED_NOTE = "Law, risks, package and questions are told once the case says enough to be weighed."
MEMO_ADVICE = "This memo advises; a person decides."
# The next step by case tier; {package} is replaced by the counts of its parts.
TIER_ACTIONS = {
    "severe": "do not go forward as proposed, but take up a safer way to the same objective, or obtain {package} first",
    "high": "weigh the safer ways first, and go forward only once {package} {are} agreed",
    "elevated": "go forward only with {package} in the plan from the start",
    "guarded": "it can go forward with the usual checks, and with {package} in the plan",
    "low": "it can go forward with the usual checks, and with {package} in the plan",
    "referred": "settle what is not known, and rely on no figure until then",
}
NO_PACKAGE = "conditions of the reviewer's own, since no rule asks for any"
NO_MORE = "it can go forward with the usual checks, and no rule asks for more"
OWN_OFFRAMP = "an offramp that the reviewer must supply"
NO_OFFRAMP = (
    "No offramp of the partner fits this case, and its tier asks for one: how would we step down, in which order, what "
    "would it cost, and what would replace the item?"
)
SIGN_OFF_LINES = ("Reviewer", "Decision (approve, approve on conditions, send back, deny)", "Reason", "Date")
