"""How far somebody is in an organizer: its sections as steps, and where they go on."""

from dataclasses import dataclass

from organizer.sheet import SectionSheet


@dataclass
class Step:
    section: SectionSheet
    is_passed: bool  # somebody has saved it

    @property
    def key(self):
        return self.section.key

    @property
    def title(self):
        return self.section.title

    @property
    def missing_count(self):
        return len(self.section.missing)

    @property
    def is_begun(self):
        return self.is_passed or self.section.is_begun

    @property
    def is_done(self):
        """Nothing that is needed is missing, and somebody has been through it: the rest may be left open."""
        return self.section.is_complete and self.section.is_begun or self.is_passed and not self.section.missing


@dataclass
class Progress:
    """``steps`` are the sections that are shown."""

    steps: list[Step]
    at: int  # where somebody saved last, counted from 1

    @classmethod
    def of(cls, organizer, sheet):
        passed = set(organizer.visits.exclude(section="").values_list("section", flat=True))
        return cls([Step(section, section.key in passed) for section in sheet.shown], organizer.at_section)

    def has_passed(self, section):
        return any(step.is_passed for step in self.steps if step.key == section.key)

    @property
    def done_count(self):
        return sum(step.is_done for step in self.steps)

    @property
    def is_begun(self):
        return any(step.is_begun for step in self.steps)

    @property
    def next(self):
        """The section where somebody stopped, or the next one that is not done; None where all are."""
        start = max(self.at - 1, 0)
        ordered = self.steps[start:] + self.steps[:start]
        return next((step for step in ordered if not step.is_done), None)
