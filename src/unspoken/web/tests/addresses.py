"""Every page of the scene, by name."""

from django.urls import reverse

from .scene import Scene


def pages(shop: Scene) -> dict[str, str]:
    """Return the address of each page that Ada can open."""
    rule = shop.flag.rule
    team, inbox = shop.who.care, shop.chat.inbox
    return {
        "queue": reverse("home"),
        "resolved": reverse("home") + "?status=resolved",
        "conversation": reverse("conversation", args=[shop.chat.pk]),
        "flags": reverse("flags"),
        "refused flags": reverse("flags") + "?list=refused",
        "contacts": reverse("contacts"),
        "found contacts": reverse("contacts") + "?q=mina",
        "new contact": reverse("contact-new"),
        "contact": reverse("contact", args=[shop.mina.pk]),
        "edit contact": reverse("contact-edit", args=[shop.mina.pk]),
        "merge contact": reverse("contact-merge", args=[shop.mina.pk]) + "?q=noor",
        "rules": reverse("rules"),
        "rule": reverse("rule", args=[rule.name]),
        "edit rule": reverse("rule-edit", args=[rule.name]),
        "tried rule": reverse("rule-tried", args=[rule.name]),
        "new rule": reverse("rule-new"),
        "you": reverse("settings"),
        "tokens": reverse("settings-tokens"),
        "members": reverse("settings-members"),
        "member": reverse("settings-member", args=[shop.who.ben.pk]),
        "teams": reverse("settings-teams"),
        "team": reverse("settings-team", args=[team.pk]),
        "inboxes": reverse("settings-inboxes"),
        "inbox": reverse("settings-inbox", args=[inbox.pk]),
        "canned replies": reverse("settings-canned"),
        "webhooks": reverse("settings-webhooks"),
        "journal": reverse("journal") + "?verify=1",
    }
