"""What changed between two versions of the notice, in words: computed from their contents, written by nobody."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from suite.declarations import Basis, CookieCategory
from suite.kernel.words import marked as _
from suite.privacy.notice import BASES, COOKIE_TITLES
from suite.privacy.phrases import Tongue

Content = Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """One thing of the notice as people see it: its name, facts with a value each, and what it holds."""

    name: str
    raw: Any
    facts: Mapping[str, str] = field(default_factory=dict)
    holds: tuple[str, ...] = ()


def changes(old: Content, new: Content, tongue: Tongue) -> Iterator[str]:
    """Say in sentences what is different in the new content."""
    for section, views in _SECTIONS.items():
        before, after = views(old, tongue), views(new, tongue)
        title = tongue.say(section)
        for key in dict.fromkeys((*before, *after)):
            if key not in before:
                yield tongue.say(_("{section}: “{name}” was added."), section=title, name=after[key].name)
            elif key not in after:
                yield tongue.say(_("{section}: “{name}” was removed."), section=title, name=before[key].name)
            elif before[key].raw != after[key].raw:
                yield from _inside(before[key], after[key], tongue)


def _inside(before: View, after: View, tongue: Tongue) -> Iterator[str]:
    """Say what changed about one thing."""
    said = False
    for what in dict.fromkeys((*before.facts, *after.facts)):
        values = (before.facts.get(what) or "–", after.facts.get(what) or "–")
        if values[0] != values[1]:
            said = True
            yield tongue.say(
                _("{name}: {what} changed from “{old}” to “{new}”."),
                name=after.name,
                what=tongue.say(what),
                old=values[0],
                new=values[1],
            )
    for text in _without(after.holds, before.holds):
        said = True
        yield tongue.say(_("{name}: “{text}” was added."), name=after.name, text=text)
    for text in _without(before.holds, after.holds):
        said = True
        yield tongue.say(_("{name}: “{text}” was removed."), name=after.name, text=text)
    if not said:
        yield tongue.say(_("{name}: details changed."), name=after.name)


def _without(texts: Iterable[str], others: Iterable[str]) -> list[str]:
    known = set(others)
    return [text for text in dict.fromkeys(texts) if text not in known]


def _services(content: Content, tongue: Tongue) -> dict[str, View]:
    return {one["key"]: _service(one, content, tongue) for one in content["catalogue"]["services"]}


def _service(one: Content, content: Content, tongue: Tongue) -> View:
    purposes = {purpose["key"]: purpose["says"] for purpose in content["catalogue"]["purposes"]}
    periods = {
        _("the time until deletion"): one["keep_after_closure"],
        _("the time to take leaving back"): one["grace"],
        _("the time without use after which data are deleted"): one["inactivity"],
        _("the greatest age of a backup"): one["backups"],
    }
    asks = [ask for asked in (one["asks"], *(form["asks"] for form in one["forms"])) for ask in asked]
    held = [
        *(tongue.say(ask["says"]) + ("*" if ask["required"] else "") for ask in asks),
        *(tongue.say(offer["says"]) for offer in one["offers"]),
        *(tongue.say(form["says"]) for form in one["forms"]),
        *(tongue.say(purposes[key]) for key in one["purposes"]),
        *(tongue.say(measure) for measure in one["measures"]),
        *(tongue.after(clock["period"], clock["after"]) for clock in one["clocks"]),
    ]
    facts = {what: tongue.period(iso) for what, iso in periods.items() if iso}
    before = ", ".join(tongue.period(iso) for iso in one.get("remind_before", ()))
    facts |= {_("the times before the end of a licence at which you are reminded"): before} if before else {}
    return View(one["title"], one, facts | {_("the description"): tongue.say(one["says"])}, tuple(held))


def _records(content: Content, tongue: Tongue) -> dict[str, View]:
    return {
        one["table"]: View(
            tongue.say(one["says"]),
            one,
            {_("the time until deletion"): "; ".join(tongue.rule(rule) for rule in one["retention"])},
            tuple(tongue.say(datum["says"]) for datum in one["holds"] if one["about_people"]),
        )
        for one in content["catalogue"]["records"]
    }


def _told(section: str, key: str, name: str, **facts: str) -> Callable[[Content, Tongue], dict[str, View]]:
    """Give the views of a list of the catalogue: `facts` maps a place of an entry to what people call it."""

    def views(content: Content, tongue: Tongue) -> dict[str, View]:
        found = {}
        for one in content["catalogue"][section]:
            shown = {what: _shown(place, one[place], tongue) for place, what in facts.items()}
            found[one[key]] = View(tongue.say(one[name]), one, shown)
        return found

    return views


def _shown(place: str, value: Any, tongue: Tongue) -> str:
    match place:
        case "lasts" | "keep":
            return tongue.period(value)
        case "basis":
            return tongue.say(BASES[Basis(value)][0])
        case "category":
            return tongue.say(COOKIE_TITLES[CookieCategory(value)])
        case "country":
            return tongue.country(value, {})
    return tongue.list(value) if isinstance(value, list) else tongue.say(str(value))


def _vendor(place: str) -> Callable[[Content, Tongue], dict[str, View]]:
    """Give the views of facts of the vendor, each by its key."""

    def views(content: Content, tongue: Tongue) -> dict[str, View]:
        facts = content["vendor"][place]
        return {
            key: View(
                tongue.country(key, facts) if place == "countries" else _called(key, value, tongue),
                value,
                _flat(value, tongue),
            )
            for key, value in facts.items()
        }

    return views


def _called(key: str, value: Any, tongue: Tongue) -> str:
    """Give the name people know a fact by."""
    if isinstance(value, dict):
        return tongue.say(value.get("title") or value.get("name") or key)
    return tongue.say(key if len(value) == 2 and value.isupper() else value)


def _flat(value: Any, tongue: Tongue) -> dict[str, str]:
    if not isinstance(value, dict):
        return {_("the entry"): tongue.say(value)}
    told = {"web": _("the web address"), "name": _("the name"), "title": _("the name")}
    return {told[place]: tongue.say(text) for place, text in value.items() if place in told}


def _contacts(content: Content, tongue: Tongue) -> dict[str, View]:
    """Give who is responsible, each as one fact."""
    named = {
        "controller": _("Controller"),
        "data_protection_officer": _("Data protection officer"),
        "eu_representative": _("Representative in the EU (Article 27 GDPR)"),
        "group": _("Our group of companies"),
    }
    vendor = content["vendor"]
    return {
        key: View(
            tongue.say(name), vendor[key], {_("the entry"): ", ".join(text for text in vendor[key].values() if text)}
        )
        for key, name in named.items()
    }


def _access(content: Content, tongue: Tongue) -> dict[str, View]:
    """Give what the roles of the people who work for us may do, each right with the purpose that needs it."""
    rights = tuple(
        f"{one['role']}: {one['permission']} ({one['purpose']})" for one in content["catalogue"].get("access", ())
    )
    return {"access": View(tongue.say(_("Rights of the people who work for us")), rights, holds=rights)}


def _page(content: Content, tongue: Tongue) -> dict[str, View]:
    """Give the page itself: its sentences, and how often the deletion job runs."""
    minutes = {_("the minutes between two runs of the deletion job"): str(content["sweep_minutes"])}
    holds = tuple(tongue.say(text) for text in content["wording"])
    return {"page": View(tongue.say(_("The wording of this notice")), (holds, minutes), minutes, holds)}


_SECTIONS: Mapping[str, Callable[[Content, Tongue], dict[str, View]]] = {
    _("Services"): _services,
    _("What is kept"): _records,
    _("Purposes"): _told("purposes", "key", "says", says=_("the text"), basis=_("the legal basis")),
    _("Consents"): _told("consents", "purpose", "text", text=_("the text of the consent"), stops=_("what stops")),
    _("Recipients"): _told(
        "recipients",
        "key",
        "says",
        receives_says=_("what it receives"),
        country=_("the country"),
        safeguard=_("the safeguard"),
        rules=_("the rules it accepted"),
    ),
    _("Roles"): _access,
    _("Cookies"): _told("cookies", "name", "name", category=_("the category"), lasts=_("how long it stays")),
    _("Stores"): _told("stores", "key", "says", keep=_("the time until deletion")),
    _("Who we are"): _contacts,
    _("Countries"): _vendor("countries"),
    _("Places with data"): _vendor("storage"),
    _("Supervisory authorities"): _vendor("authorities"),
    _("Documents"): _vendor("links"),
    _("Partners"): _vendor("partners"),
    _("Categories of companies that work for us"): _vendor("recipients"),
    _("Names of services"): _vendor("titles"),
    _("This page"): _page,
}
