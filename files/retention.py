"""What retention rules do by night: files are announced, people told, and what was announced long enough ago is binned."""

from collections import Counter

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from files import signals
from files.models import Cabinet, File, RetentionRule

BATCH = 200  # files that are binned in one transaction: each is an event


def keep_rules():
    """Each open rule has announced what it will take and taken what it announced. Returns how many files of each."""
    figures = Counter(announced=0, binned_by_rule=0)
    for rule in RetentionRule.objects.select_related("folder"):
        rule.take_back_announcements()
    for rule in RetentionRule.objects.open().select_related("folder__cabinet__client"):
        figures["announced"] += _announce(rule)
        figures["binned_by_rule"] += _bin(rule)
    _tell()
    return dict(figures)


def _announce(rule):
    count = 0
    cabinets = rule.unannounced().order_by().values("folder__cabinet").distinct()
    for cabinet in Cabinet.objects.filter(pk__in=cabinets).select_related("client"):
        while announced := rule.announce_some(cabinet):
            count += announced
    return count


def _bin(rule):
    count = 0
    while binned := File.move_all_to_bin(list(rule.ready()[:BATCH]), by=None, rule=rule):
        count += len(binned)
    return count


def _tell():
    """Whoever has to know is told, once, of what was announced since: the mails are on their way when this is committed."""
    with transaction.atomic():
        counts = Counter()
        for rule in RetentionRule.objects.open().select_for_update(of=("self",)):
            announced = File.objects.filter(announced_rule=rule)
            if rule.told_at:
                announced = announced.filter(announced_at__gt=rule.told_at)
            of_clients = announced.order_by().values_list("folder__cabinet__client").annotate(count=Count("pk"))
            counts.update(dict(of_clients))
            rule.told_at = timezone.now()
            rule.save(update_fields=["told_at"])
        if counts:
            signals.announcement_due.send(RetentionRule, counts=dict(counts))


def kept_by_holds(cabinets):
    """[(cabinet, files that open rules would take by now)] of those of ``cabinets`` that are under a legal hold."""
    held = list(cabinets.exclude(held_at=None).select_related("client", "held_by"))
    rules = list(RetentionRule.objects.open().select_related("folder"))
    return [(cabinet, sum(rule.kept_by_hold(cabinet).count() for rule in rules)) for cabinet in held]
