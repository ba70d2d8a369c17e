"""The demo world's forty customers: who they are, what they subscribed to, how many people they have."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Company:
    """``plan`` is a base plan's code, "" for a free account; ``licensed`` of ``users`` hold one of its ``hosts``."""

    name: str
    country: str
    domain: str
    plan: str
    hosts: int
    users: int
    licensed: int
    pay_mode: str = "master"
    extras: dict[str, Any] = field(default_factory=dict)


def _held(code: str, hosts: int) -> dict[str, Any]:
    return {"type": code, "hosts": hosts}


MASTER = Company("Summit Conferencing", "US", "summit-conferencing.example", "business_yearly", 49, 24, 18)

COMPANIES: tuple[Company, ...] = (
    Company(
        "Alder & Finch Architects",
        "US",
        "alderfinch.example",
        "business_yearly",
        25,
        31,
        24,
        extras={
            "plan_webinar": [_held("webinar500_yearly", 1)],
            "plan_recording": "cmr_monthly_commitment_100",
        },
    ),
    Company("Bluewater Logistics", "US", "bluewater-logistics.example", "business_monthly", 40, 46, 33),
    Company(
        "Cascade Valley School District",
        "US",
        "cascadevalley.example",
        "edu20",
        120,
        148,
        104,
        extras={
            "plan_large_meeting": [_held("large300_yearly", 5)],
        },
    ),
    Company("Dunmore Family Dental", "US", "dunmoredental.example", "monthly", 3, 6, 3),
    Company("Ember Street Brewing", "US", "emberstreet.example", "", 0, 5, 0),
    Company("Fairhaven Credit Union", "US", "fairhavencu.example", "business_yearly", 30, 36, 22),
    Company("Granite Peak Outfitters", "US", "granitepeak.example", "trial", 10, 8, 4),
    Company("Harborlight Law Group", "US", "harborlightlaw.example", "yearly", 9, 14, 9),
    Company("Ironwood Manufacturing", "US", "ironwood-mfg.example", "business_yearly_c50", 50, 64, 41),
    Company(
        "Juniper Health Partners",
        "US",
        "juniperhealth.example",
        "business_monthly",
        49,
        58,
        47,
        extras={
            "plan_audio": {
                "type": "tollfree_monthly_commitment_100",
                "tollfree_countries": "US,GB",
                "premium_countries": "",
                "callout_countries": "US",
                "ddi_numbers": 2,
            },
        },
    ),
    Company("Kestrel Robotics", "US", "kestrelrobotics.example", "business_monthly", 20, 22, 17, pay_mode="sub"),
    Company("Lakeshore Realty", "US", "lakeshorerealty.example", "zroom_monthly", 4, 9, 0),
    Company("Maple Ridge Credit Services", "CA", "mapleridge.example", "yearly", 8, 12, 7),
    Company("Nordique Aviation", "CA", "nordique-aviation.example", "business_yearly", 22, 27, 18),
    Company("Collège Beauséjour", "CA", "college-beausejour.example", "edu20", 45, 62, 38),
    Company("Pacific Grove Media", "CA", "pacificgrove.example", "monthly", 5, 7, 4),
    Company(
        "Königsberg Maschinenbau GmbH",
        "DE",
        "koenigsberg-maschinen.example",
        "business_yearly",
        45,
        54,
        39,
        extras={
            "plan_room_connector": _held("roomconnector_yearly", 3),
            "plan_zoom_rooms": _held("zroom_yearly", 4),
        },
    ),
    Company("Bäckerei Süßmilch", "DE", "baeckerei-suessmilch.example", "", 0, 4, 0),
    Company("Nordlicht Versicherungen AG", "DE", "nordlicht-vers.example", "business_monthly", 35, 50, 30),
    Company("Müritz Klinikum", "DE", "mueritz-klinikum.example", "trial", 25, 19, 12),
    Company("Éditions Lumière", "FR", "editions-lumiere.example", "yearly", 9, 13, 8),
    Company("Société Forêt & Fils", "FR", "foret-et-fils.example", "monthly", 4, 6, 3),
    Company("Lycée des Tilleuls", "FR", "lycee-tilleuls.example", "edu20", 60, 80, 51),
    Company("Pemberton Insurance", "GB", "pemberton-insurance.example", "business_yearly", 28, 33, 21),
    Company("Thistle & Crown Hotels", "GB", "thistlecrown.example", "business_monthly", 15, 18, 11),
    Company("Wren Analytics", "GB", "wrenanalytics.example", "monthly", 6, 8, 6),
    Company("Café Aurora Importação", "BR", "cafeaurora.example", "yearly", 7, 11, 6),
    Company("Construtora Boa Vista", "BR", "boavista-construtora.example", "business_monthly", 18, 21, 13),
    Company("青葉商事株式会社", "JP", "aoba-shoji.example", "business_yearly", 32, 37, 26),
    Company("さくら設計事務所", "JP", "sakura-sekkei.example", "monthly", 5, 7, 4),
    Company(
        "Indus Softworks",
        "IN",
        "indus-softworks.example",
        "business_yearly",
        48,
        61,
        45,
        extras={
            "plan_large_meeting": [_held("large500_yearly", 2), _held("large200_monthly", 4)],
            "plan_webinar": [_held("webinar1000_yearly", 1)],
        },
    ),
    Company("Deccan Diagnostics", "IN", "deccan-diagnostics.example", "trial", 15, 12, 6),
    Company("Vidya Mandir Academy", "IN", "vidyamandir.example", "edu20", 80, 100, 69),
    Company("Coral Coast Tours", "AU", "coralcoast.example", "monthly", 4, 6, 2),
    Company("Southern Cross Mining Services", "AU", "scms.example", "business_yearly", 26, 29, 19),
    Company("Wattle Creek Council", "AU", "wattlecreek.example", "business_monthly", 12, 16, 10),
    Company("Fjällvind Konsult", "SE", "fjallvind.example", "yearly", 6, 9, 5),
    Company("Logística Peñasco", "MX", "logistica-penasco.example", "", 0, 5, 0),
    Company("上海明珠贸易有限公司", "CN", "mingzhu-trade.example", "business_monthly", 14, 17, 11),
    Company("Zephyr Event Rooms", "US", "zephyr-events.example", "zroom_yearly", 6, 5, 0),
)
