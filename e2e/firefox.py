"""Firefox as it is installed, over its own Marionette protocol: Playwright's Firefox would be another to fetch."""

import json
import os
import shutil
import socket
import subprocess
import time

from tests.installation import free_port


def find_firefox():
    """The program; ``FIREFOX`` names another than the one that is installed."""
    return os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One window of a new profile in a folder."""

    def __init__(self, folder):
        port = free_port()
        preferences = {"marionette.port": port, "browser.sessionstore.resume_from_crash": True}
        (folder / "user.js").write_text(
            "".join(f'user_pref("{k}", {json.dumps(v)});\n' for k, v in preferences.items())
        )
        command = [
            find_firefox(),
            "--headless",
            "--marionette",
            "--remote-allow-system-access",
            "--no-remote",
            "--profile",
            str(folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket, self.received, self.number = self._connect(port), b"", 0
        self._read()  # who it is
        self.run("WebDriver:NewSession", strictFileInteractability=False)

    @staticmethod
    def _connect(port):
        for _ in range(600):
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=60)
            except OSError:
                time.sleep(0.1)
        raise AssertionError("Firefox does not come up")

    def _read(self):
        while b":" not in self.received:
            self.received += self.socket.recv(65536)
        size, _, rest = self.received.partition(b":")
        while len(rest) < int(size):
            rest += self.socket.recv(65536)
        self.received = rest[int(size) :]
        return json.loads(rest[: int(size)])

    def run(self, command, **parameters):
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(f"{len(message)}:".encode() + message)
        _, _, error, result = self._read()
        assert error is None, error
        return result.get("value") if isinstance(result, dict) else result

    def go(self, address):
        self.run("WebDriver:Navigate", url=address)

    def evaluate(self, expression):
        return self.run("WebDriver:ExecuteScript", script=f"return {expression}", args=[])

    def wait_for(self, expression):
        for _ in range(200):
            if value := self.evaluate(expression):
                return value
            time.sleep(0.1)
        raise AssertionError(expression)

    def close(self):
        try:
            self.run("Marionette:Quit", flags=["eForceQuit"])
        finally:
            self.process.kill()
            self.process.wait()
