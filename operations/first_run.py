"""The steps by which a new portal is set up, and which of them are left."""

from dataclasses import dataclass

from accounts.models import Firm, User
from operations.models import SetupStep

State = SetupStep.State


@dataclass(frozen=True)
class Step:
    """``checks`` are the doctor's, for a step that is a test."""

    name: str
    title: str
    hint: str
    checks: tuple = ()


STEPS = [
    Step("firm", "Your firm", "Its name, color, logo and time zone"),
    Step("mail", "Mail", "Send a mail to yourself", ("sender",)),
    Step("storage", "Storage", "Write, read and remove a small file", ("storage", "bucket", "space")),
    Step("scanner", "Virus scanner", "Let it look at something clean", ("scanner",)),
    Step("second-factor", "Second factor", "Who must have one to sign in"),
    Step("people", "Colleagues", "Invite who works here, best a second administrator"),
    Step("backup", "Backup", "What to copy, and where"),
]
BY_NAME = {step.name: step for step in STEPS}


@dataclass(frozen=True)
class Standing:
    """A step, and its row, where it has one."""

    step: Step
    row: SetupStep | None
    is_done: bool

    @property
    def is_skipped(self):
        return not self.is_done and self.row is not None and self.row.state == State.SKIPPED

    @property
    def is_left(self):
        return not self.is_done and not self.is_skipped

    @property
    def was_tried(self):
        return self.is_left and self.row is not None


def standings():
    """Every step and where it stands, in their order. Colleagues are invited when somebody else of the firm has an account."""
    rows = {row.name: row for row in SetupStep.objects.select_related("by")}
    has_colleagues = User.objects.of_the_firm().kept()[1:2].exists()
    return [Standing(step, rows.get(step.name), _is_done(step, rows.get(step.name), has_colleagues)) for step in STEPS]


def _is_done(step, row, has_colleagues):
    return (step.name == "people" and has_colleagues) or (row is not None and row.state == State.DONE)


def left_for(user):
    """The steps that are neither done nor skipped, for whom they concern: none in a demonstration."""
    if not user.is_administrator or Firm.current().is_demonstration:
        return []
    return [standing.step for standing in standings() if standing.is_left]


def is_new_to(user, left):
    """Whether nobody but this person has an account, and no step was touched."""
    return len(left) == len(STEPS) and not User.objects.exclude(pk=user.pk).exists()


def next_after(step):
    """The next step that is left, from this one on and around; None where none is."""
    all_of_them = standings()
    place = STEPS.index(step) + 1
    return next((one.step for one in all_of_them[place:] + all_of_them[:place] if one.is_left), None)


def skip_rest(*, by):
    """No step is left: what is not done is skipped."""
    for standing in standings():
        if standing.is_left:
            SetupStep.settle(standing.step, State.SKIPPED, by=by)
