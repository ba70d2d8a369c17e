"""Where the demo world's people live and what they are called there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One country's towns (city, state, zip), time zones, phone prefix and names.

    A name is its spelling alone, or "spelling|latin" where the e-mail address cannot be made from it.
    """

    towns: tuple[tuple[str, str, str], ...]
    zones: tuple[str, ...]
    phone: str
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    streets: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH_FIRSTS = _names(
    "Olivia James Emma Liam Ava Noah Sophia William Isabella Benjamin Mia Lucas Charlotte Henry Amelia "
    "Alexander Harper "
    "Daniel Evelyn Matthew Abigail Samuel Emily David Ella Joseph Grace Owen Chloe Wyatt Zoë Renée"
)
_ENGLISH_LASTS = _names(
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee "
    "Thompson White "
    "Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill O'Brien Green"
)

PLACES: dict[str, Place] = {
    "US": Place(
        (
            ("Denver", "CO", "80202"),
            ("Austin", "TX", "78701"),
            ("Seattle", "WA", "98101"),
            ("Boston", "MA", "02110"),
            ("Chicago", "IL", "60601"),
            ("Portland", "OR", "97204"),
        ),
        ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
        "+1 555 01",
        _ENGLISH_FIRSTS,
        _ENGLISH_LASTS,
        ("Main Street", "Lakeview Avenue", "Cedar Road", "Market Street"),
    ),
    "CA": Place(
        (("Toronto", "ON", "M5H 2N2"), ("Montréal", "QC", "H2Y 1C6"), ("Vancouver", "BC", "V6B 1A1")),
        ("America/Montreal", "America/Vancouver"),
        "+1 555 02",
        (*_ENGLISH_FIRSTS[:18], *_names("Étienne Mélanie Gabrielle Félix Noémie Mathéo")),
        (*_ENGLISH_LASTS[:18], *_names("Tremblay Gagnon Côté Bouchard Lévesque Bélanger")),
        ("King Street West", "Rue Saint-Paul", "Granville Street"),
    ),
    "DE": Place(
        (("Hamburg", "Hamburg", "20095"), ("München", "Bayern", "80331"), ("Köln", "Nordrhein-Westfalen", "50667")),
        ("Europe/Berlin",),
        "+49 30 5550",
        _names(
            "Jürgen Anna Lukas Sophie Björn Käthe Maximilian Hannah Jörg Lena Stefan Marie Günther Johanna Felix Sören "
            "Katharina Matthias Franziska Uwe"
        ),
        _names(
            "Müller Schmidt Schneider Fischer Weber Meyer Wagner Schäfer Koch Bauer Schröder Neumann Schwarz "
            "Krüger Hofmann "
            "Groß Köhler Weiß Jäger Böhm"
        ),
        ("Lindenstraße", "Hafenweg", "Am Markt"),
    ),
    "FR": Place(
        (("Paris", "Île-de-France", "75002"), ("Lyon", "Rhône", "69002"), ("Nantes", "Loire-Atlantique", "44000")),
        ("Europe/Paris",),
        "+33 1 55 50",
        _names(
            "Amélie Benoît Chloé François Élodie Gérard Hélène Jérôme Léa Mathieu Noémie Olivier Pénélope Rémi Solène "
            "Thibault Zoé Loïc"
        ),
        _names(
            "Martin Bernard Lefèvre Moreau Laurent Lefebvre Michel Garcia Roux Fournier Girard Mercier Béranger Guérin "
            "Chevalier Gauthier Perrin Dubois"
        ),
        ("rue des Lilas", "avenue Victor-Hugo", "quai du Port"),
    ),
    "GB": Place(
        (
            ("London", "Greater London", "EC2A 4BX"),
            ("Leeds", "West Yorkshire", "LS1 4AP"),
            ("Bristol", "Avon", "BS1 5TR"),
        ),
        ("Europe/London",),
        "+44 20 5550",
        _names(
            "Oliver Isla Harry Poppy George Freya Jack Niamh Alfie Imogen Rhys Siân Callum Ffion Archie "
            "Maisie Tariq Aisha"
        ),
        _names(
            "Evans Hughes Patel Khan Edwards Wood Turner Cooper Ward Morgan Bell Murphy Bailey Kelly Shaw "
            "Ahmed Fletcher "
            "Whitfield"
        ),
        ("High Street", "Station Road", "Queen's Parade"),
    ),
    "BR": Place(
        (("São Paulo", "SP", "01310-100"), ("Curitiba", "PR", "80010-000"), ("Recife", "PE", "50030-230")),
        ("America/Sao_Paulo",),
        "+55 11 5550",
        _names(
            "João Mariana Luís Beatriz André Letícia Gonçalo Júlia Otávio Inês Caetano Lívia Antônio Débora "
            "Vinícius Heloísa"
        ),
        _names(
            "Silva Santos Araújo Conceição Ribeiro Gonçalves Magalhães Barros Antunes Assunção Monteiro "
            "Simões Prado Teixeira"
        ),
        ("Rua das Flores", "Avenida Paulista", "Travessa do Sol"),
    ),
    "JP": Place(
        (("東京", "東京都", "100-0005"), ("大阪", "大阪府", "530-0001")),
        ("Asia/Tokyo",),
        "+81 3 5550",
        _names(
            "陽菜|hina 結衣|yui 大翔|hiroto 蓮|ren 葵|aoi 美咲|misaki 翔太|shota 健太|kenta さくら|sakura 拓海|takumi "
            "直樹|naoki 由美子|yumiko 恵|megumi 剛|tsuyoshi"
        ),
        _names(
            "佐藤|sato 鈴木|suzuki 高橋|takahashi 田中|tanaka 渡辺|watanabe 伊藤|ito 山本|yamamoto 中村|nakamura "
            "小林|kobayashi 加藤|kato 吉田|yoshida 山田|yamada"
        ),
        ("丸の内1丁目", "梅田2丁目"),
    ),
    "IN": Place(
        (("Bengaluru", "Karnataka", "560001"), ("Pune", "Maharashtra", "411001")),
        ("Asia/Calcutta",),
        "+91 80 5550",
        _names(
            "Aarav Diya Vivaan Ananya Arjun Kavya Rohan Priya Aditya Meera Ishaan Lakshmi Karthik Nandini "
            "Rahul Sneha Vikram "
            "Pooja"
        ),
        _names(
            "Sharma Iyer Reddy Gupta Nair Mehta Rao Kulkarni Singh Banerjee Desai Joshi Menon Chatterjee Kapoor Pillai"
        ),
        ("MG Road", "Residency Road"),
    ),
    "AU": Place(
        (("Sydney", "NSW", "2000"), ("Melbourne", "VIC", "3000"), ("Perth", "WA", "6000")),
        ("Australia/Sydney", "Australia/Perth"),
        "+61 2 5550",
        _names(
            "Jack Matilda Lachlan Ruby Cooper Sienna Angus Willow Hamish Bonnie Bruce Kylie Darcy Tahlia Flynn Indigo"
        ),
        _names(
            "Campbell Murray Stewart McDonald Kennedy Ryan Fraser Hunter Gibson Marshall Wallace Cameron Burns Douglas"
        ),
        ("George Street", "Collins Street"),
    ),
    "SE": Place(
        (("Malmö", "Skåne", "211 22"), ("Göteborg", "Västra Götaland", "411 06")),
        ("Europe/Stockholm",),
        "+46 40 5550",
        _names("Åsa Björn Elin Göran Maja Örjan Linnéa Nils Saga Håkan Freja Axel"),
        _names("Lindström Åberg Nyström Söderberg Öberg Sjögren Lundqvist Ekström Holm Björk"),
        ("Storgatan", "Hamngatan"),
    ),
    "MX": Place(
        (("Ciudad de México", "CDMX", "06600"), ("Mérida", "Yucatán", "97000")),
        ("America/Mexico_City",),
        "+52 55 5550",
        _names("José María Ángel Sofía Raúl Lucía Martín Ximena Óscar Renata Iñigo Belén"),
        _names("Hernández García Martínez López González Pérez Núñez Muñoz Ibáñez Peña"),
        ("Avenida Reforma", "Calle 60"),
    ),
    "CN": Place(
        (("上海", "上海市", "200000"), ("深圳", "广东省", "518000")),
        ("Asia/Shanghai",),
        "+86 21 5550",
        _names(
            "伟|wei 芳|fang 秀英|xiuying 敏|min 静|jing 磊|lei 洋|yang 艳|yan 勇|yong 婷|ting 浩然|haoran 子涵|zihan"
        ),
        _names("王|wang 李|li 张|zhang 刘|liu 陈|chen 杨|yang 赵|zhao 黄|huang 周|zhou 吴|wu 徐|xu 孙|sun"),
        ("南京东路", "深南大道"),
    ),
}
