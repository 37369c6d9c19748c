"""When what happens to invented people."""

import random
from datetime import datetime, timedelta

from suite.commands.demo import company
from suite.commands.demo.life import Life, arrive, close, join, leave, register, sign_in, take_back_consent
from suite.commands.demo.people import invent
from suite.commands.demo.rights import ARRIVED, STORIES
from suite.kernel import clock
from suite.privacy import declared


def plan(chance: random.Random, people: int, offset: int, *, weeks: int) -> list[Life]:
    """Plan the lives of some people over the last weeks."""
    open_keys = [key for key, service in declared().services.items() if service.opens_with(declared().parts)]
    now = clock.now()
    lives = []
    for number in range(people):
        services = chance.sample(open_keys, chance.choices((1, 2, 3), weights=(6, 3, 1))[0])
        life = Life(invent(chance, offset + number + 1), chance, services, until=now)
        if number % 20 == 19:
            life.plan(now - timedelta(hours=chance.uniform(0.2, 20)), register)
        elif number % 100 < len(STORIES):
            _plan_membership(life, now - ARRIVED - timedelta(days=chance.uniform(0, 15)), stays=True)
            for step in STORIES[number % 100]:
                step(life)
        else:
            _plan_membership(life, now - timedelta(days=chance.uniform(0.5, weeks * 7)))
        lives.append(life)
    return lives + company.plan(chance, offset + people, now)


def _plan_membership(life: Life, arrival: datetime, *, stays: bool = False) -> None:
    now, chance = clock.now(), life.chance
    life.plan(arrival, arrive)
    for key in life.services[1:]:
        life.plan(arrival + (now - arrival) * chance.uniform(0.02, 0.5), join, key)
    if chance.random() < 0.3:
        life.plan(arrival + (now - arrival) * chance.uniform(0.5, 0.7), take_back_consent)
    for _ in range(chance.choices((1, 2, 4), weights=(5, 4, 1))[0]):
        life.plan(arrival + (now - arrival) * chance.uniform(0.55, 1), sign_in, "app")
    if chance.random() < 0.4:
        life.plan(now - timedelta(minutes=chance.uniform(1, 25)), sign_in, "browser")
    if chance.random() < 0.04:
        life.plan(now - timedelta(hours=chance.uniform(0.2, 20)), register)
    if not stays:
        _plan_ends(life, arrival)


def _plan_ends(life: Life, arrival: datetime) -> None:
    """Let some leave a service, and some close their account; most so lately that the data still wait."""
    now, chance = clock.now(), life.chance
    latest = now - timedelta(minutes=30)
    soon = max(arrival + (now - arrival) * 0.75, now - timedelta(hours=20))
    if len(life.services) > 1 and chance.random() < 0.3:
        life.plan(soon + (latest - soon) * chance.random(), leave, life.services[-1])
    if chance.random() < 0.1:
        life.plan(soon + (latest - soon) * chance.random(), close)
