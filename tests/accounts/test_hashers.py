import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.hashers import AT_ONCE, FewAtOnceHasher

CHECK_MB, CHECKS = 100, 5  # each of them takes so much


def test_many_passwords_at_once_take_the_memory_of_a_few():
    hasher = FewAtOnceHasher()
    encoded = hasher.encode("a few good words", hasher.salt())
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = peak_mb()
    with ThreadPoolExecutor(CHECKS) as threads:
        checks = list(
            threads.map(
                lambda number: hasher.verify(f"{'a few' if number else 'other'} good words", encoded), range(CHECKS)
            )
        )
    assert checks == [False] + [True] * (CHECKS - 1)
    assert peak_mb() - before < (AT_ONCE + 1) * CHECK_MB


def test_a_hash_of_djangos_own_still_fits():
    own = Argon2PasswordHasher()
    encoded = own.encode("a few good words", own.salt())
    assert FewAtOnceHasher().verify("a few good words", encoded)
    assert not FewAtOnceHasher().must_update(encoded)


def peak_mb():
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
