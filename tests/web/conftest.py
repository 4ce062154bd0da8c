"""The built page, a browser and a fake server."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web.fake_api import DIST, FakeServer

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
WEB = DIST.parent

PATIENCE_MS = 20_000
"""What is expected may take so long: these tests ask whether it comes, and a busy machine may take its time."""
expect.set_options(timeout=PATIENCE_MS)


def _newest(*places: Path) -> float:
    files = [
        file
        for place in places
        for file in ([place] if place.is_file() else place.rglob("*"))
        if file.is_file()
    ]
    return max((file.stat().st_mtime for file in files), default=0.0)


@pytest.fixture(scope="session")
def built() -> Path:
    """The page as it ships, built anew when a source is younger."""
    sources = (
        WEB / "src",
        WEB / "public",
        WEB / "index.html",
        WEB / "package-lock.json",
        WEB / "vite.config.ts",
    )
    if _newest(DIST / "index.html") < _newest(*sources):
        if not (WEB / "node_modules").is_dir():
            subprocess.run(["npm", "ci"], cwd=WEB, check=True)
        subprocess.run(["npm", "run", "build"], cwd=WEB, check=True)
    return DIST


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Of one module: its event loop must be gone before another module's asynchronous tests begin."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def fake(built: Path) -> Iterator[FakeServer]:
    server = FakeServer().start()
    yield server
    server.stop()


@pytest.fixture
def opened(chromium: Browser, fake: FakeServer) -> Iterator[Callable[..., Page]]:
    """Opens a path as somebody; at the end no page may have met an error of its own."""
    contexts, errors = [], []

    def go(
        login: str | None,
        path: str,
        language: str = "en",
        scheme: str = "light",
        width: int = 1280,
        height: int = 800,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale="zh-CN" if language == "zh" else "en-GB",
        )
        contexts.append(context)
        base = f"http://127.0.0.1:{fake.port}"
        if login:
            assert context.request.post(
                f"{base}/api/v1/session", data={"login": login, "password": "demo"}
            ).ok
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(base + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert errors == []
