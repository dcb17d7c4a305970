"""Chinese and Russian influence in the snapshot."""

from features.snapshot.snapshot import CURRENT_SNAPSHOT


def test_neither_power_has_influence_on_itself() -> None:
    index = CURRENT_SNAPSHOT.read_table("influence", "index")
    assert index.filter(iso3="RUS")["fbic_russia"].null_count() == index.filter(iso3="RUS").height
    assert index.filter(iso3="CHN")["fbic_china"].null_count() == index.filter(iso3="CHN").height


def test_belarus_hangs_on_russia_and_pakistan_on_china() -> None:
    index = CURRENT_SNAPSHOT.read_table("influence", "index").filter(year=2020)
    belarus, pakistan = (index.filter(iso3=iso3).row(0, named=True) for iso3 in ("BLR", "PAK"))
    assert belarus["fbic_russia"] > 0.9
    assert pakistan["fbic_china_security"] == 0.735 > pakistan["fbic_russia_security"]
