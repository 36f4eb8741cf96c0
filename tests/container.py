"""What the image is built from, step by step: ``python -m tests.container``, or ``make container``.

Where a builder of images answers (podman, docker), the image of ``Containerfile`` is built and its commands run in it.
Where none does, the same steps run here: the wheel is built, installed into an environment of its own outside the
source, and tried without a variable that says where anything lies: rules, samples, fonts, templates, static files.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.installation import OURS, free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 180  # seconds
SHIPPED = """
import json, sys
from pathlib import Path
import prongsai
from prongsai import framework
from prongsai.web.assets import are_assets_missing
root = Path(prongsai.__file__).parent
print(json.dumps({
    "place": str(root),
    "years": len(framework.available()),
    "samples": len(list((root / "samples").glob("*"))),
    "paper fonts": len(list((root / "lib" / "fonts").glob("*.ttf"))),
    "fonts missing": are_assets_missing(),
    "templates": len(list(root.rglob("templates/**/*.html"))),
}))
"""


def find_builder():
    """A builder of images that answers."""
    for name in ("podman", "docker"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return None


def build_wheel(folder, source=ROOT):
    """Build the wheel as Containerfile does, or that of the client; returns it."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", str(folder)], cwd=source, check=True)
    return next(folder.glob("*.whl"))


def install(wheel, folder):
    """Install the wheel into an environment of its own; returns its ``bin``."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(folder / "bin/python"), str(wheel)], check=True)
    return folder / "bin"


def get(address):
    """Status and body; (0, b"") where nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=10) as page:
            return page.status, page.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


def try_commands(bin_folder, place):
    """Run the commands of an installation in an empty folder; returns what they said."""
    inherited = {k: v for k, v in os.environ.items() if k not in (*OURS, "PYTHONPATH", "VIRTUAL_ENV")}
    environment = {k: v for k, v in inherited.items() if not k.startswith("PRONGSAI_")}
    environment |= {"PRONGSAI_DATA": str(place / "data"), "PATH": f"{bin_folder}:/usr/bin:/bin", "LOG_LEVEL": "ERROR"}

    def call(*command, codes=(0,)):
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode in codes, (command, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    found = json.loads(call(str(bin_folder / "python"), "-c", SHIPPED))
    assert not Path(found["place"]).is_relative_to(ROOT / "src"), found  # it is the wheel that is tried
    assert found["years"] > 4, found
    assert found["samples"] > 4, found
    assert found["paper fonts"] > 1, found
    assert not found["fonts missing"], found
    assert found["templates"] > 50, found
    call("prongsai", "framework", "list")
    sample = next(Path(found["place"], "samples").glob("*-2568.txt"))
    call("prongsai", "audit", str(sample), codes=(0, 1))
    call("prongsai", "migrate")
    problems = {p["id"] for p in json.loads(call("prongsai", "doctor", "--json", codes=(1,)))}
    assert problems <= {"hosts", "https", "mail", "factor", "office", "auditor", "worker", "backup"}, problems
    environment["PRONGSAI_FILES"] = "s3://bucket/files"  # a part that was not installed is asked for in a sentence
    refused = subprocess.run(["prongsai", "migrate"], cwd=place, env=environment, capture_output=True, text=True)
    assert refused.returncode == 2, refused
    assert "pip install 'prongsai[s3]'" in refused.stderr, refused.stderr[-500:]
    assert "Traceback" not in refused.stderr
    del environment["PRONGSAI_FILES"]
    port = free_port()
    processes = [
        subprocess.Popen(["prongsai", *rest], cwd=place, env=environment)
        for rest in (["serve", "--port", str(port), "--workers", "1"], ["worker"])
    ]
    try:
        deadline, site = time.monotonic() + PATIENCE, f"http://127.0.0.1:{port}"
        while get(f"{site}/health/ready")[0] != 200:
            assert time.monotonic() < deadline, get(f"{site}/health/ready")
            time.sleep(0.5)
        status, page = get(f"{site}/")
        assert status == 200
        style = page.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert get(site + style)[0] == 200, style
    finally:
        for process in processes:
            process.terminate()
        codes = [process.wait(60) for process in processes]
    assert codes[0] == 0, codes
    return found


def try_client(place):
    """Install the client alone: it needs nothing of the site."""
    bin_folder = install(build_wheel(place / "client", ROOT / "client"), place / "client-env")
    code = "import prongsai_client; prongsai_client.Client('http://127.0.0.1:9'); print(prongsai_client.__file__)"
    done = subprocess.run([bin_folder / "python", "-c", code], cwd=place, check=True, capture_output=True, text=True)
    assert Path(done.stdout.strip()).is_relative_to(place), done.stdout
    assert Path(done.stdout.strip()).with_name("py.typed").is_file()


def main():
    began = time.monotonic()
    if builder := find_builder():
        print(f"building the image with {builder}")
        subprocess.run(
            [builder, "build", "--tag", "prongsai-tried", "--file", "Containerfile", "."], cwd=ROOT, check=True
        )
        for command in (
            ["prongsai", "framework", "list"],
            ["sh", "-c", "prongsai migrate && prongsai doctor || test $? = 1"],
        ):
            subprocess.run([builder, "run", "--rm", "prongsai-tried", *command], check=True)
    else:
        print("no builder of images answers here: the steps of Containerfile run without one")
        with tempfile.TemporaryDirectory(prefix="prongsai-container-") as folder:
            place = Path(folder)
            wheel = build_wheel(place / "wheel")
            try_client(place)
            found = try_commands(install(wheel, place / "env"), place)
            print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; {found}")
    print(f"{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
