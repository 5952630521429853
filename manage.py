#!/usr/bin/env python
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        django.setup()
        from portal.console import Console  # which knows the log, and so needs the apps

        Console(sys.argv).execute()
    except ImproperlyConfigured as problem:
        sys.exit(f"Firm Portal cannot start: {problem}")


if __name__ == "__main__":
    main()
