"""The demo world: a reseller's forty customers in twelve countries and their 1,200 people."""

from zoomapi.sandbox.clock import stamp
from zoomapi.sandbox.models import Account, Assistant, Group, Membership, User
from zoomapi.sandbox.places import PLACES
from zoomapi.sandbox.world.companies import COMPANIES, MASTER, Company
from zoomapi.sandbox.world.make import CLIENTS, DAY, DEPARTMENTS, Maker
from zoomapi.spec.catalogue import BASE_PLANS

INACTIVE, PENDING = 0.07, 0.06
NEVER_CAME = 0.05  # of the active ones
LONG_GONE = 0.15
CORP = 0.08  # of the licensed ones


def demo(maker: Maker) -> None:
    master = maker.master()
    _fill(maker, master, MASTER)
    for company in COMPANIES:
        _customer(maker, master, company)


def _customer(maker: Maker, master: Account, company: Company) -> None:
    place = PLACES[company.country]
    first, last, email = person = maker.person(place, company.domain)
    account = maker.account(
        master_id=master.id,
        name=company.name,
        owner_email=email,
        created_at=maker.days_ago(1100, 200 if company.plan not in ("", "trial") else 5),
        options={"pay_mode": company.pay_mode},
    )
    if company.plan:
        account.plans = {"plan_base": {"type": company.plan, "hosts": company.hosts}, **company.extras}
        account.billing = _contact(maker, company, first, last, email)
        _term(maker, account, company)
    maker.owner(account, place, person, type=2 if company.licensed else 1)
    _fill(maker, account, company)


def _contact(maker: Maker, company: Company, first: str, last: str, email: str) -> dict[str, str]:
    place = PLACES[company.country]
    city, state, code = maker.random.choice(place.towns)
    return {
        "first_name": first,
        "last_name": last,
        "email": email,
        "phone_number": f"{place.phone}{maker.random.randrange(10, 99)}",
        "address": f"{maker.random.choice(place.streets)} {maker.random.randrange(1, 180)}",
        "apt": maker.random.choice(("", "", f"{maker.random.randrange(2, 40)}")),
        "city": city,
        "state": state,
        "zip": code,
        "country": company.country,
    }


def _term(maker: Maker, account: Account, company: Company) -> None:
    """Set when the subscription began and ends: a trial soon, a month's plan within a month, others within a year."""
    plan = BASE_PLANS.get(company.plan)
    length = 30 if company.plan == "trial" or (plan and plan.period == "monthly") else 365
    past = maker.random.randrange(3, length - 2)
    account.subscription_start = stamp(maker.today - past * DAY)
    account.subscription_end = stamp(maker.today + (length - past) * DAY)


def _fill(maker: Maker, account: Account, company: Company) -> None:
    """Add people until the company is complete; the owner is there already."""
    place, first_row = PLACES[company.country], len(maker.users) - 1
    departments = maker.random.sample(DEPARTMENTS, 4 if company.users < 30 else 7)
    licensed_left = company.licensed - 1 if company.licensed else 0
    for number in range(1, company.users):
        first, last, email = maker.person(place, company.domain)
        user = maker.user(
            account,
            email,
            first_name=first,
            last_name=last,
            dept=maker.random.choice(departments),
            timezone=maker.random.choice(place.zones),
            created_at=max(maker.days_ago(900), account.created_at),
            role="admin" if number == 1 else "member",
        )
        _life(maker, user, number)
        if licensed_left and user.status != "inactive":
            user.type = 3 if maker.random.random() < CORP else 2
            licensed_left -= 1
        elif user.status == "inactive" and maker.random.random() < 0.3:
            user.type = 2
    _company(maker, account, maker.users[first_row:], departments)


def _life(maker: Maker, user: User, number: int) -> None:
    """Decide status, last sign-in and the extras of a person's profile."""
    chance = maker.random.random()
    if chance < PENDING and number > 1:
        user.status, user.verified = "pending", 0
        user.created_at = maker.days_ago(25)
        return
    if chance < PENDING + INACTIVE and number > 1:
        user.status = "inactive"
    if maker.random.random() > NEVER_CAME:
        gone = user.status == "inactive" or maker.random.random() < LONG_GONE
        user.last_login_time = max(maker.days_ago(400, 91) if gone else maker.days_ago(60, 0.01), user.created_at)
        user.last_client_version = maker.random.choice(CLIENTS)
    if maker.random.random() < 0.2:
        user.vanity_name = user.email.partition("@")[0] + "." + user.id[:4].lower()
    if maker.random.random() < 0.1:
        user.login_type = maker.random.choice((1, 101))


def _company(maker: Maker, account: Account, people: list[User], departments: list[str]) -> None:
    """Put people into groups by department and give some of them assistants."""
    present = [user for user in people if user.status != "pending"]
    if len(people) < 12:
        return
    for department in departments[: 2 + len(people) // 20]:
        group = Group(id=maker.id(), account_id=account.id, name=department)
        maker.groups.append(group)
        maker.memberships += [
            Membership(group_id=group.id, user_id=user.id, kind=group.kind)
            for user in present
            if user.dept == department and maker.random.random() < 0.9
        ]
    active = [user for user in present if user.status == "active"]
    for user in maker.random.sample(active, len(active) // 15):
        helper = maker.random.choice([other for other in active if other is not user])
        maker.assistants.append(Assistant(user_id=user.id, assistant_id=helper.id))
