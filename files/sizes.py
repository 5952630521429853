def size(number):
    """Bytes in the unit that fits: 860 KB, 4.2 MB, 21.8 GB. Empty for nothing."""
    if number is None:
        return ""
    if number == 1:
        return "1 byte"
    units = iter(("bytes", "KB", "MB", "GB", "TB"))
    unit = next(units)
    while number >= 1000 and unit != "TB":
        number, unit = number / 1000, next(units)
    whole = unit == "bytes" or number >= 100 or number == int(number)
    return f"{number:.0f} {unit}" if whole else f"{number:.1f} {unit}"
