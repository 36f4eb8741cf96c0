"""Machines of one installation on loopback: each with its own folder of data, all with one PostgreSQL, one bucket, one
key folder."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from tests import forked
from tests.installation import OURS, free_port

TOKEN = "a" * 32  # against forged requests: the same in the cookie and in the header
PATIENCE = 150  # seconds for whatever must happen; on a busy machine far more than it takes


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_NoRedirect)


class Machine:
    def __init__(self, folder, shared):
        folder.mkdir()
        inherited = {k: v for k, v in os.environ.items() if k not in OURS}
        self.environment = inherited | {
            "PRONGSAI_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.jobs.installation_settings",
            "LOG_LEVEL": "CRITICAL",
            "PRONGSAI_JOBS_LEASE": "5",
            "PRONGSAI_RECENT_SIGN_IN": "0",
            "EMAIL_URL": "smtp://127.0.0.1:9",
            **shared,
        }
        self.processes, self.driver, self.port = [], None, None

    def command(self, *arguments, **options):
        return [sys.executable, "-m", "prongsai.cli", *arguments]

    def call(self, *arguments):
        """Exit code and what a command said."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.returncode, done.stdout + done.stderr

    def start(self, *arguments):
        process = forked.start("prongsai.cli", *arguments, env=self.environment)
        self.processes.append(process)
        return process

    def serve(self, workers=1):
        self.port = free_port()
        server = self.start("serve", "--port", str(self.port), "--workers", str(workers))
        self.wait_until(lambda: self.get("/health/live")[0] == 200)
        return server

    def run(self, command, *arguments):
        if self.driver is None:
            self.driver = forked.start("tests.machines.drive", env=self.environment, pipes=True)
        self.driver.stdin.write(json.dumps([command, *arguments]) + "\n")
        self.driver.stdin.flush()
        line = self.driver.stdout.readline()
        assert line, f"{command} failed; the error is above"
        return json.loads(line)

    def wait_until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, self.driver and self.run("jobs")
            time.sleep(0.2)
        return found

    def get(self, path, session=""):
        return self._send(path, None, {}, session)

    def post(self, path, fields, session="", file=None):
        """Send a form, with one file (name, content) if there is one."""
        if file is None:
            return self._send(path, urllib.parse.urlencode(fields).encode(), {}, session)
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + file[1] + f"\r\n--{boundary}--\r\n".encode()
        return self._send(path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, session)

    def _send(self, path, data, headers, session):
        """Status and body; (None, b"") where nobody answers to the end."""
        address = f"http://127.0.0.1:{self.port}"
        cookies = f"csrftoken={TOKEN}" + (f"; prongsai_session={session}" if session else "")
        asked = urllib.request.Request(
            address + path, data, {"Cookie": cookies, "X-CSRFToken": TOKEN, "Referer": address, **headers}
        )
        try:
            with _opener.open(asked, timeout=60) as page:
                return page.status, page.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except (OSError, http.client.HTTPException):
            return None, b""

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(40)
            if process.poll() is None:
                process.kill()
        if self.driver:
            self.driver.stdin.close()
            self.driver.stdout.close()
            self.driver.wait(30)
