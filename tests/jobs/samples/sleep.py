"""A program for the tests of ``tests.forked``: says what it finds, sleeps, and ends with 3."""

import os
import sys
import time

import django.apps

if __name__ == "__main__":
    print(os.environ.get("OWN"), os.getcwd(), django.apps.apps.ready, flush=True)
    time.sleep(float(os.environ["SECONDS"]))
    sys.exit(3)
