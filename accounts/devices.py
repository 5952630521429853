from ua_parser import parse

HELD_IN_HAND = ("iOS", "Android")
USUAL_NAMES = {"Chrome Mobile": "Chrome", "Mobile Safari": "Safari", "Firefox Mobile": "Firefox", "Mac OS X": "macOS"}


def device_in_words(user_agent):
    """Firefox on Windows, Safari on iPhone: what a browser says of itself, for people."""
    if not user_agent:
        return "an unknown browser"
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else "an unknown browser"
    device = found.device.family if found.device and found.device.family in ("iPhone", "iPad") else None
    system = device or (found.os.family if found.os else None)
    browser, system = (USUAL_NAMES.get(name, name) for name in (browser, system))
    return f"{browser} on {system}" if system else browser


def device_icon(user_agent):
    """The icon of what somebody holds or sits before."""
    found = parse(user_agent or "")
    return "phone" if found.os and found.os.family in HELD_IN_HAND else "laptop"
