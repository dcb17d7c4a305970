"""An invented case to change, and the table of pair scores as specified, digit by digit, with its two splits."""

from typing import Any

import polars as pl

CASE_GAP = "Posts 4 to 9 on the northern road cannot see vehicles at night before 2028"
INVENTED_CASE: dict[str, Any] = {
    "id": "invented-1",
    "partner": "EGY",
    "programme": "fms",
    "item": "VII",
    "quantity": 12,
    "value_usd": 20_000_000,
    "end_user": "army",
    "objective": "counter_terrorism",
    "gap": CASE_GAP,
    "support_years": 5,
    "proposed": "2026-11-01",
    "major_defense_equipment": "no",
}
PAIR_USERS = (
    *("army", "air_force", "navy", "special_operations", "police", "gendarmerie", "intelligence"),
    *("presidential_guard", "border_guard"),
)
# One row per item, one column per user in the order above; five digits: repression, civilian harm, coup, diversion,
# aggression; a hyphen where the pairing is not expected.
PAIR_TABLE = """
I                             33332 33222 22122 33331 42130 42231 42231 42330 32131
II                            23323 - 13113 23322 - 23222 - - 12122
III                           33332 33223 22122 33332 42130 42231 42232 42330 32131
III_large                     03333 - 03123 03322 - 03232 - - 02132
IV                            23233 14124 13123 23223 - - - 22220 -
V                             23232 13123 12122 23222 22130 22131 - 22220 12131
VI                            - - 02013 - - - - - 01022
VII                           33433 23323 22223 33422 32230 32332 32332 32420 22232
VIIIa                         23323 14214 13113 - - - - - -
VIIIb                         33323 23213 22213 33312 32220 32222 32222 32310 22222
VIIIc                         23223 24114 13113 23223 - 33122 32123 - 22122
VIIId                         22322 12213 11112 22312 21120 21221 21222 21310 11121
IX                            22422 23312 12212 22421 31220 32321 31321 31420 21221
X                             22222 22112 11112 22221 31120 31121 31121 31220 21121
XI                            32323 22213 21113 32322 31120 31222 41222 31320 21122
XI_radar                      00022 00012 00012 - - - - - 00021
XII                           22332 23223 12122 22332 31130 32231 31232 31330 21131
XIII                          22222 12112 11112 22221 21120 21121 21121 21220 11121
XIV                           32222 - - 32221 41120 42121 41121 41220 31121
XV                            22022 12013 - - - - 21022 - -
XVI                           - - - - - - - - -
XVII                          22233 23123 12123 22222 - - 31132 - -
XVIII                         22222 23113 12112 22212 31120 32121 - 31210 -
XIX                           02022 02013 01012 - - - - - 01021
XX                            - - 01013 02012 - - - - 01022
XXI                           22222 23113 12112 22222 31120 32121 31122 31220 21121
CC                            32230 - - 32220 41130 41130 41130 41220 31130
ENG                           23022 - - - - 32021 - - 22021
sipri_aircraft                23323 24214 13113 23313 - 33222 32223 - 22122
sipri_air_defence_systems     02232 02122 01122 - - - - 01220 -
sipri_anti_submarine_weapons  - 00012 00012 - - - - - 00021
sipri_armoured_vehicles       33433 23323 22223 33422 32230 32332 32332 32420 22232
sipri_artillery               23323 - 13113 23323 - 23222 - - -
sipri_engines                 02022 02013 01012 - - - - - 01021
sipri_missiles                03033 04024 03023 03023 - - - - -
sipri_naval_weapons           - - 01012 - - - - - 01021
sipri_satellites              22022 12013 - - - - 21022 - -
sipri_sensors                 22222 22113 11112 22222 31120 31121 31122 31220 21121
sipri_ships                   - - 02013 - - - - - 01022
sipri_other                   02023 03013 02013 - - - - - 01022
"""


def build_cases(*changes: dict[str, Any]) -> pl.DataFrame:
    """Build one invented case per set of changes."""
    return pl.DataFrame([INVENTED_CASE | change for change in changes or ({},)], infer_schema_length=None)


def format_case_csv(*changes: dict[str, Any]) -> str:
    """Format the same cases as the text of a CSV file."""
    return build_cases(*changes).write_csv()


def parse_pair_digits() -> dict[tuple[str, str], str]:
    """The five digits of every item and user."""
    rows = [line.split() for line in PAIR_TABLE.strip().splitlines()]
    return {(row[0], user): digits for row in rows for user, digits in zip(PAIR_USERS, row[1:], strict=True)}
