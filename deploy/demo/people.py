"""Made-up names, streets and places: nonsense compounds, in real Pennsylvania towns."""

from dataclasses import dataclass

_FIRST_NAMES = """
ADELA ALARIC BERTRAM BERYL CASSIA CORAZON CYRIL DELPHINE DORIAN ELIO ELSPETH ESTHER FERGUS
FLEUR GARETH GRETA HOLLIS HYACINTH IGNATIUS ISOLDE IVO JESSAMY JOSÉ JUNIPER KERMIT LEOPOLD
LORNA LUCIAN MARIBEL MARLOW NESTOR NETTIE ODETTE ORSON PERSIS PHINEAS PRIYA QUENTIN
ROSAMUND RUFUS SEVERIN SUNNIVA TAMSIN THEA TOBIAS ULYSSES UNDINE VASHTI VERNON WENDELL
WILLA WINIFRED XAVIER YASMIN YOLANDA ZEB ZELDA ZOLTAN
"""
FIRST_NAMES = tuple(_FIRST_NAMES.split())

_NAME_BEGINNINGS = """
AMBER ARROW BRAMBLE BRIAR CINDER CLOVER COBBLE COPPER DUSK EMBER FALLOW FERN FROST GLIMMER
HALVORS HARROW HAZEL HEATHER HOLLOW INK IRON JUNIPER KETTLE LANTERN LARK MALLOW MARSH MILL
MOSS NETTLE OAKEN PEBBLE PEMBER QUILL RAVENS SABLE SORREL STONE TALLOW THIMBLE THISTLE
TUMBLE WEX WILLOW WREN YARROW ZELLER
"""
_NAME_ENDINGS = """
BECK BRIAR BROOK CASTLE CLIFFE COMBE CROFT DALE DANE FEATHER FIELD GATE GROVE HAUSEN HOLT
HURST LANE LOW MERE MONT MOOR QUIST RIDGE STEAD THORN TON WATER WICK WOOD WRIGHT
"""
SURNAMES = tuple(
    beginning + ending
    for beginning in _NAME_BEGINNINGS.split()
    for ending in _NAME_ENDINGS.split()
    if beginning != ending
)
PARTICLES = ("O'", "D’", "MC")  # noqa: RUF001 - real files have typographic apostrophes too

_STREETS = """
PEBBLECRESS QUARRYSTONE SALTBOX TANNENBROOK THIMBLEBERRY WILLOWMERE BUTTONHOOK CANDLEWICK
DOVECOTE FIDDLEHEAD GOOSEFOOT HOBNAIL INKPOT JACKSTRAW KINDLING
"""
STREETS = (
    *(
        f"{beginning}{ending}"
        for beginning in (
            "COPPERKETTLE",
            "FERNHILL",
            "HARROWGATE",
            "LANTERN",
            "LARKSPUR",
            "MILLRACE",
        )
        for ending in ("", " BEND", " GAP", " HOLLOW", " CROSSING")
    ),
    *_STREETS.split(),
)
STREET_TYPES = ("ST", "AVE", "RD", "LN", "CT", "DR", "WAY", "TER", "BLVD", "PL")


@dataclass(frozen=True)
class County:
    """A real county: its number in the state's system, towns with ZIP, codes of districts."""

    name: str
    number: int
    towns: tuple[tuple[str, str], ...]
    house: tuple[str, ...]
    senate: tuple[str, ...]
    congress: str


COUNTIES = (
    County(
        "LEHIGH",
        39,
        (
            ("ALLENTOWN", "18102"), ("ALLENTOWN", "18103"), ("ALLENTOWN", "18104"),
            ("EMMAUS", "18049"), ("WHITEHALL", "18052"), ("CATASAUQUA", "18032"),
            ("MACUNGIE", "18062"), ("BETHLEHEM", "18018"), ("COPLAY", "18037"),
        ),
        ("022", "132", "133", "134", "183", "187"),
        ("14", "16", "18"),
        "07",
    ),
    County(
        "NORTHAMPTON",
        48,
        (
            ("BETHLEHEM", "18015"), ("BETHLEHEM", "18017"), ("EASTON", "18042"),
            ("EASTON", "18045"), ("NAZARETH", "18064"), ("HELLERTOWN", "18055"),
            ("BANGOR", "18013"), ("NORTHAMPTON", "18067"),
        ),
        ("131", "135", "136", "137", "138"),
        ("14", "18"),
        "07",
    ),
    County(
        "BUCKS",
        9,
        (("DOYLESTOWN", "18901"), ("CHALFONT", "18914"), ("RIEGELSVILLE", "18077")),
        ("018", "029", "143", "145"),
        ("10", "16"),
        "01",
    ),
    County(
        "BERKS",
        6,
        (("KUTZTOWN", "19530"), ("FLEETWOOD", "19522"), ("HAMBURG", "19526")),
        ("126", "130", "187"),
        ("11", "24"),
        "04",
    ),
    County(
        "CARBON",
        13,
        (("JIM THORPE", "18229"), ("LEHIGHTON", "18235"), ("PALMERTON", "18071")),
        ("122",),
        ("14",),
        "07",
    ),
    County(
        "MONROE",
        45,
        (("EAST STROUDSBURG", "18301"), ("KUNKLETOWN", "18058"), ("EFFORT", "18330")),
        ("115", "176", "189"),
        ("22", "40"),
        "07",
    ),
)  # fmt: skip
COUNTY_WEIGHTS = (40, 30, 10, 8, 6, 6)

ELECTIONS = (
    ("GENERAL PRIMARY", "05/19/2026"),
    ("MUNICIPAL ELECTION", "11/04/2025"),
    ("MUNICIPAL PRIMARY", "05/20/2025"),
    ("GENERAL ELECTION", "11/05/2024"),
    ("GENERAL PRIMARY", "04/23/2024"),
    ("MUNICIPAL ELECTION", "11/07/2023"),
    ("MUNICIPAL PRIMARY", "05/16/2023"),
    ("GENERAL ELECTION", "11/08/2022"),
    ("GENERAL PRIMARY", "05/17/2022"),
)

ZONE_TYPES = (
    (1, "PR", "PRECINCT"),
    (3, "SCH", "SCHOOL DISTRICT"),
    (6, "STH", "STATE HOUSE"),
    (7, "STS", "STATE SENATE"),
    (8, "USC", "US CONGRESSIONAL"),
    (9, "CO", "COUNTY"),
)
