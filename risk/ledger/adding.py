"""One entry put in the ledger by a person, made from how the entries stand at that moment."""

from collections.abc import Callable
from pathlib import Path

from risk.ledger.issues import catch_up
from risk.ledger.line import Line
from risk.ledger.place import Place
from risk.ledger.standing import Standing, standing_on, today
from risk.ledger.wording import signed
from risk.ledger.writer import Entry, writing


def enter(make: Callable[[Standing], Entry], place: Place, out: Path, who: str | None) -> Line:
    """Add what `make` makes of the entries' standing; the ledger is held meanwhile, so that nobody answers twice.

    Outputs that a run left in place unrecorded are recorded first. Raises BadInput where the entry is refused or the
    ledger cannot be written.
    """
    by = signed(who)
    catch_up(out, place, by)
    with writing(place) as ledger:
        return ledger.add([make(standing_on(ledger.lines(), today()))], by)[0]
