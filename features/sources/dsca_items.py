"""The item of a notified sale, from its title: a Munitions List category, a part of one, or a SIPRI category.

Categories are our judgment from a short title, not the publisher's and not a legal classification.
"""

import re

import polars as pl

# Categories and the words that identify them; the first match wins, so an item sold with a larger one comes below it.
# Words match as whole words, including plurals.
CATEGORY_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # A patrol aircraft sold with its torpedoes is a sale of aircraft.
    ("VIIId", ("P-8A", "P-8I", "C-17", "C-130J", "C-130", "KC-46A", "KC-46", "KC-135", "E-2D", "E-7", "MC-55A",
               "maritime patrol", "transport aircraft")),
    ("VIIIc", ("MQ-9", "MQ-9B", "MQ-1C", "remotely piloted", "unmanned aerial", "unmanned aircraft")),
    # Interceptors are counted with the system that fires them: they serve air defense, not bombing.
    ("sipri_air_defence_systems", ("PATRIOT", "HAWK", "NASAMS", "surface-to-air", "air defense", "air defence",
                                   "air and missile defense", "Indirect Fire Protection", "THAAD", "Avenger")),
    # By law torpedoes are in category IV, but the judgments on bombs do not apply to them.
    ("sipri_anti_submarine_weapons", ("torpedo", "depth charge", "sonobuoy")),
    # Weapons come before their platforms: munitions for the F-16 are munitions. A rocket with its launcher and a
    # coastal missile battery are both in category IV.
    ("IV", ("missile", "AMRAAM", "bomb", "rocket", "munition", "strike weapon", "JDAM", "Javelin",
            "Hellfire", "Standard Missile", "HIMARS", "Joint Air-to-Surface")),
    # Shells have the uses of artillery; category III is scored for the small-caliber rounds of police and militias.
    ("III_large", ("projectile", "mortar round", "mortar shell", "tank round", "artillery shell", "artillery round",
                   "Excalibur", "155mm", "155 mm", "120mm", "120 mm", "105mm", "105 mm")),
    ("III", ("ammunition", "cartridge")),
    ("I", ("rifle", "pistol", "carbine", "machine gun", "firearm")),
    ("II", ("howitzer", "M109", "M777", "mortar", "cannon", "artillery")),
    # Diesel power packs are parts of armored carriers; category XIX is for gas turbines.
    ("VII", ("power pack", "powerpack", "tank", "infantry fighting vehicle", "personnel carrier", "Stryker", "Abrams",
             "Bradley", "light tactical vehicle", "tactical vehicle", "wheeled vehicle", "armored vehicle")),
    ("XIX", ("F-404", "F404", "F110", "gas turbine", "turbofan", "engine fan")),
    ("VIIIb", ("helicopter", "Apache", "UH-60M", "UH-60", "HH-60W", "MH-60R", "CH-47F", "AH-64E", "AH-1Z",
               "Chinook")),
    # Sustainment keeps a fighter flying, so it counts as the fighter.
    ("VIIIa", ("F-15", "F-16", "F-35", "F/A-18", "F-18", "A-29", "Super Tucano", "AT-6", "fighter")),
    ("VI", ("destroyer", "frigate", "corvette", "patrol boat", "littoral combat ship", "vessel")),
    ("XX", ("submarine", "submersible")),
    # Air-surveillance radar is identified by type or name; any other radar may watch borders or locate guns.
    ("XI_radar", ("long range radar", "long-range radar", "early warning radar", "air surveillance radar",
                  "Sentinel radar", "AN/TPS-77", "AN/TPS-78", "AN/TPS-80", "AN/FPS-132")),
    ("sipri_sensors", ("radar", "sonar", "surveillance system", "aerostat")),
    ("XII", ("night vision", "thermal sight", "targeting pod", "fire control")),
    ("XIV", ("tear gas", "riot control")),
    ("X", ("body armor", "protective gear", "helmet")),
    # Software and stations that track ships at sea are electronics.
    ("XI", ("radio", "terminal", "repeater", "satellite communications", "electronic warfare", "jammer",
            "maritime domain awareness")),
    ("IX", ("training",)),
)  # fmt: skip

# Titles with misleading words.
TITLE_EXCEPTIONS = {
    # The craft is refitted; no missiles are sold.
    "fast missile craft": "VI",
    # A helicopter, not the air defense system.
    "Black Hawk": "VIIIb",
    # Systems against drones are not drones.
    "integrated defeat system": "sipri_air_defence_systems",
    "counter-unmanned": "sipri_air_defence_systems",
    # Fuel tanks are not vehicles.
    "fuel tank": "VIIIa",
}


def find_item_category(title: pl.Expr) -> pl.Expr:
    """The category of each title, null if no word matches, as for a bare number, construction, spare parts, freight."""
    exceptions = [(category, (words,)) for words, category in TITLE_EXCEPTIONS.items()]
    return pl.coalesce(
        _match_category_words(title, category, words) for category, words in (*exceptions, *CATEGORY_WORDS)
    )


def _match_category_words(title: pl.Expr, category: str, words: tuple[str, ...]) -> pl.Expr:
    pattern = rf"(?i)\b(?:{'|'.join(re.escape(word) for word in words)})(?:s|es)?\b"
    return pl.when(title.str.contains(pattern)).then(pl.lit(category))
