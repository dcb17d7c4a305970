"""What a notified sale is of: a category of the Munitions List, a part of one, or a SIPRI category, from its title.

Categories are our judgement from a short title, not the publisher's and not a legal classification.
"""

import re

import polars as pl

# Category and the words that tell it, first match first: what is sold with something else stands below that.
# A word matches whole, its plural with it.
CATEGORY_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # A patrol aircraft sold with its torpedoes is a sale of aircraft.
    ("VIIId", ("P-8A", "P-8I", "C-17", "C-130J", "C-130", "KC-46A", "KC-46", "KC-135", "E-2D", "E-7", "MC-55A",
               "maritime patrol", "transport aircraft")),
    ("VIIIc", ("MQ-9", "MQ-9B", "MQ-1C", "remotely piloted", "unmanned aerial", "unmanned aircraft")),
    # Interceptors are counted with the system that fires them: they lend themselves to what it does, not to bombing.
    ("sipri_air_defence_systems", ("PATRIOT", "HAWK", "NASAMS", "surface-to-air", "air defense", "air defence",
                                   "air and missile defense", "Indirect Fire Protection", "THAAD", "Avenger")),
    # Torpedoes stand in category IV by law, but what is said of bombs does not hold for them.
    ("sipri_anti_submarine_weapons", ("torpedo", "depth charge", "sonobuoy")),
    # Weapons before what carries them: munitions for the F-16 are munitions. A rocket with its launcher and a coastal
    # missile battery stand in category IV as a whole.
    ("IV", ("missile", "AMRAAM", "bomb", "rocket", "munition", "strike weapon", "JDAM", "Javelin",
            "Hellfire", "Standard Missile", "HIMARS", "Joint Air-to-Surface")),
    # Shells do what artillery does; category III is scored for the small rounds of police and militias.
    ("III_large", ("projectile", "mortar round", "mortar shell", "tank round", "artillery shell", "artillery round",
                   "Excalibur", "155mm", "155 mm", "120mm", "120 mm", "105mm", "105 mm")),
    ("III", ("ammunition", "cartridge")),
    ("I", ("rifle", "pistol", "carbine", "machine gun", "firearm")),
    ("II", ("howitzer", "M109", "M777", "mortar", "cannon", "artillery")),
    # Diesel packs drive armoured carriers and are parts of them; category XIX is for gas turbines.
    ("VII", ("power pack", "powerpack", "tank", "infantry fighting vehicle", "personnel carrier", "Stryker", "Abrams",
             "Bradley", "light tactical vehicle", "tactical vehicle", "wheeled vehicle", "armored vehicle")),
    ("XIX", ("F-404", "F404", "F110", "gas turbine", "turbofan", "engine fan")),
    ("VIIIb", ("helicopter", "Apache", "UH-60M", "UH-60", "HH-60W", "MH-60R", "CH-47F", "AH-64E", "AH-1Z",
               "Chinook")),
    # Upkeep keeps a fighter flying and so counts as the fighter.
    ("VIIIa", ("F-15", "F-16", "F-35", "F/A-18", "F-18", "A-29", "Super Tucano", "AT-6", "fighter")),
    ("VI", ("destroyer", "frigate", "corvette", "patrol boat", "littoral combat ship", "vessel")),
    ("XX", ("submarine", "submersible")),
    # Radar that watches the sky is told by its kind or name; any other radar may watch borders or find guns.
    ("XI_radar", ("long range radar", "long-range radar", "early warning radar", "air surveillance radar",
                  "Sentinel radar", "AN/TPS-77", "AN/TPS-78", "AN/TPS-80", "AN/FPS-132")),
    ("sipri_sensors", ("radar", "sonar", "surveillance system", "aerostat")),
    ("XII", ("night vision", "thermal sight", "targeting pod", "fire control")),
    ("XIV", ("tear gas", "riot control")),
    ("X", ("body armor", "protective gear", "helmet")),
    # Software and stations that show ships at sea are electronics.
    ("XI", ("radio", "terminal", "repeater", "satellite communications", "electronic warfare", "jammer",
            "maritime domain awareness")),
    ("IX", ("training",)),
)  # fmt: skip

# Titles whose words mislead.
TITLE_EXCEPTIONS = {
    # The craft is rebuilt; no missiles are sold.
    "fast missile craft": "VI",
    # A helicopter, not the air defence system.
    "Black Hawk": "VIIIb",
    # What shoots drones down is no drone.
    "integrated defeat system": "sipri_air_defence_systems",
    "counter-unmanned": "sipri_air_defence_systems",
    # Tanks for fuel are no vehicles.
    "fuel tank": "VIIIa",
}


def find_item_category(title: pl.Expr) -> pl.Expr:
    """The category of each title, null where no word tells one: a bare number, building works, spare parts, freight."""
    exceptions = [(category, (words,)) for words, category in TITLE_EXCEPTIONS.items()]
    return pl.coalesce(
        _match_category_words(title, category, words) for category, words in (*exceptions, *CATEGORY_WORDS)
    )


def _match_category_words(title: pl.Expr, category: str, words: tuple[str, ...]) -> pl.Expr:
    told = rf"(?i)\b(?:{'|'.join(re.escape(word) for word in words)})(?:s|es)?\b"
    return pl.when(title.str.contains(told)).then(pl.lit(category))
